//! Commands and replies, within bounds of time and size (RFC 5321 §4.2).

use std::io;
use std::time::Duration;

use mxray_facts::Reply;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::time::{Instant, timeout, timeout_at};

use crate::harmless::harmless;

/// The longest line that is read; RFC 5321 §4.5.3.1.5 allows a server 512 octets.
const MAX_LINE: usize = 2048;

/// The most lines of a reply.
const MAX_LINES: usize = 100;

/// The most octets of a conversation.
const MAX_OCTETS: usize = 64 * 1024;

/// How long a server may take to say goodbye, which is of no interest to us.
const GOODBYE: Duration = Duration::from_secs(2);

/// A conversation with a mail server.
pub(super) struct Conversation<S> {
    stream: BufReader<S>,
    octets_left: usize,
    patience: Duration,
    deadline: Instant,
}

/// Why a conversation came to nothing.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// No reply in time.
    TimedOut,
    /// The connection ended, or what came is not SMTP.
    Broken(String),
}

impl<S: AsyncRead + AsyncWrite + Unpin> Conversation<S> {
    /// Waits so long for each reply, and not beyond the deadline.
    pub(super) fn new(stream: S, patience: Duration, deadline: Instant) -> Self {
        Self {
            stream: BufReader::with_capacity(MAX_LINE, stream),
            octets_left: MAX_OCTETS,
            patience,
            deadline,
        }
    }

    /// Says a line and hears the reply.
    pub(super) async fn command(&mut self, line: &str) -> Result<Reply, Trouble> {
        let by = self.by();
        let said = timeout_at(by, self.say(line)).await.map_err(|_| Trouble::TimedOut)?;
        said.map_err(|error| ended(&error))?;
        self.reply().await
    }

    pub(super) async fn reply(&mut self) -> Result<Reply, Trouble> {
        let by = self.by();
        timeout_at(by, self.hear()).await.unwrap_or(Err(Trouble::TimedOut))
    }

    /// Ends as the standard asks (RFC 5321 §4.1.1.10), whatever the server makes of it.
    pub(super) async fn quit(mut self) {
        let goodbye = async {
            let _ = self.command("QUIT").await;
            let _ = self.stream.shutdown().await;
        };
        let _ = timeout(GOODBYE, goodbye).await;
    }

    /// The stream, if the server has said nothing more.
    pub(super) fn into_silent_stream(self) -> Option<S> {
        self.stream.buffer().is_empty().then(|| self.stream.into_inner())
    }

    fn by(&self) -> Instant {
        self.deadline.min(Instant::now() + self.patience)
    }

    async fn say(&mut self, line: &str) -> io::Result<()> {
        self.stream.write_all(format!("{line}\r\n").as_bytes()).await?;
        self.stream.flush().await
    }

    async fn hear(&mut self) -> Result<Reply, Trouble> {
        let mut lines = Vec::new();
        while lines.len() < MAX_LINES {
            let line = self.line().await?;
            let (code, is_last, text) = read_line(&line).ok_or_else(|| {
                let begin = line.get(..80).unwrap_or(&line);
                Trouble::Broken(format!("this is no SMTP reply: {}", harmless(begin)))
            })?;
            lines.push(text);
            if is_last {
                return Ok(Reply { code, lines });
            }
        }
        Err(Trouble::Broken(format!("a reply of more than {MAX_LINES} lines")))
    }

    /// A line without its end.
    async fn line(&mut self) -> Result<Vec<u8>, Trouble> {
        let most = MAX_LINE.min(self.octets_left);
        let mut line = Vec::new();
        let mut bounded = (&mut self.stream).take(most as u64);
        bounded.read_until(b'\n', &mut line).await.map_err(|error| ended(&error))?;
        self.octets_left -= line.len();
        if line.pop_if(|last| *last == b'\n').is_some() {
            line.pop_if(|last| *last == b'\r');
            return Ok(line);
        }
        Err(Trouble::Broken(match line.len() {
            MAX_LINE => format!("a line of more than {MAX_LINE} octets"),
            length if length == most => format!("more than {MAX_OCTETS} octets"),
            _ => "the server closed the connection".to_owned(),
        }))
    }
}

fn ended(error: &io::Error) -> Trouble {
    Trouble::Broken(format!("the connection ended: {error}"))
}

/// Code, whether it is the reply's last line, and text (RFC 5321 §4.2).
fn read_line(line: &[u8]) -> Option<(u16, bool, String)> {
    let (code, rest) = line.split_at_checked(3)?;
    if !code.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let code = std::str::from_utf8(code).ok()?.parse().ok()?;
    let (is_last, text) = match rest {
        [b'-', text @ ..] => (false, text),
        [b' ', text @ ..] => (true, text),
        // Codes stand alone at times (RFC 5321 §4.2).
        [] => (true, rest),
        _ => return None,
    };
    (200..600).contains(&code).then(|| (code, is_last, harmless(text)))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::io::{AsyncWriteExt, duplex};
    use tokio::select;
    use tokio::time::{Instant, sleep};

    use super::{Conversation, Trouble, read_line};

    /// What a client makes of what a server says before it hangs up.
    async fn hear(said: &[u8]) -> Result<(u16, Vec<String>), Trouble> {
        let (client, mut server) = duplex(1 << 20);
        server.write_all(said).await.unwrap();
        drop(server);
        let minute = Duration::from_secs(60);
        let mut conversation = Conversation::new(client, minute, Instant::now() + minute);
        conversation.reply().await.map(|reply| (reply.code, reply.lines))
    }

    #[test]
    fn a_line_is_a_code_and_a_text() {
        for (reason, line, expected) in [
            ("last", &b"250 ok"[..], Some((250, true, "ok"))),
            ("another follows", b"250-PIPELINING", Some((250, false, "PIPELINING"))),
            ("the code alone", b"220", Some((220, true, ""))),
            ("control characters", b"220 \x1b[31mred", Some((220, true, "\u{fffd}[31mred"))),
            ("not UTF-8", b"220 \xff", Some((220, true, "\u{fffd}"))),
            ("two digits", b"25", None),
            ("no separator", b"250ok", None),
            ("no digits", b"HTTP/1.1 400 Bad Request", None),
            ("no such code", b"999 ?", None),
        ] {
            let read = read_line(line);
            let read = read.as_ref().map(|(code, last, text)| (*code, *last, text.as_str()));
            assert_eq!(read, expected, "{reason}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_octet_a_second_is_waited_for_no_longer_than_a_reply() {
        let (client, mut server) = duplex(1);
        let trickle = async {
            loop {
                sleep(Duration::from_secs(1)).await;
                let _ = server.write_all(b"2").await;
            }
        };
        let started = Instant::now();
        let patience = Duration::from_secs(10);
        let mut conversation = Conversation::new(client, patience, started + patience * 2);
        let heard = select! { heard = conversation.reply() => heard, () = trickle => return };
        assert_eq!((heard, started.elapsed()), (Err(Trouble::TimedOut), patience));
    }

    #[tokio::test]
    async fn replies_have_bounds() {
        let lines =
            |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>();
        assert_eq!(hear(b"220-one\r\n220 two\n").await, Ok((220, lines(&["one", "two"]))));
        for (reason, said, expected) in [
            ("nothing", String::new(), "closed the connection"),
            ("half a line", "220 mx".to_owned(), "closed the connection"),
            ("another protocol", "SSH-2.0-OpenSSH\r\n".to_owned(), "no SMTP reply: SSH-2.0"),
            ("a line without end", "2".repeat(10_000), "2048 octets"),
            ("lines without end", "220-x\r\n".repeat(10_000), "100 lines"),
            ("much of both", format!("220-{}\r\n", "x".repeat(1500)).repeat(90), "65536 octets"),
        ] {
            let Err(Trouble::Broken(heard)) = hear(said.as_bytes()).await else {
                panic!("{reason} is no reply")
            };
            assert!(heard.contains(expected), "{reason}: {heard}");
        }
    }
}

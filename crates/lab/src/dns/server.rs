//! The resolver's voice: hickory's listener, our answers.

use std::time::Duration;

use async_trait::async_trait;
use hickory_server::Server;
use hickory_server::net::runtime::Time;
use hickory_server::proto::op::{Edns, Header, HeaderCounts, Metadata, OpCode, ResponseCode};
use hickory_server::proto::rr::DNSClass;
use hickory_server::proto::rr::rdata::opt::EdnsOption;
use hickory_server::server::{Request, RequestHandler, ResponseHandler, ResponseInfo};
use hickory_server::zone_handler::MessageResponseBuilder;
use tokio::net::{TcpListener, UdpSocket};

use super::names::{ExtendedError, Names, Reply};
use crate::format::Dnssec;
use crate::log::Log;

/// How long a TCP client may stay without a question.
const IDLE: Duration = Duration::from_secs(30);

/// How many answers may wait for one TCP client.
const WAITING_ANSWERS: usize = 64;

/// The option code of an extended DNS error (RFC 8914 §2).
const EXTENDED_ERROR: u16 = 15;

/// A server that answers for `names` on both sockets until it is dropped, each question after a while.
pub(crate) fn serve(
    names: Names,
    log: Log,
    delay: Duration,
    (udp, tcp): (UdpSocket, TcpListener),
) -> Server<Resolver> {
    let mut server = Server::new(Resolver { names, log, delay });
    server.register_socket(udp);
    server.register_listener(tcp, IDLE, WAITING_ANSWERS);
    server
}

/// Answers each question from the names of the lab.
pub(crate) struct Resolver {
    names: Names,
    log: Log,
    /// As if it were that far away.
    delay: Duration,
}

#[async_trait]
impl RequestHandler for Resolver {
    async fn handle_request<R: ResponseHandler, T: Time>(
        &self,
        request: &Request,
        mut client: R,
    ) -> ResponseInfo {
        let reply = self.reply(request);
        tokio::time::sleep(self.delay + reply.delay).await;
        let metadata = header(request, &reply);
        let edns = request.edns.as_ref().map(|asked| options(asked, &reply));
        let mut builder = MessageResponseBuilder::from_message_request(request);
        if let Some(edns) = &edns {
            builder.edns(edns);
        }
        let response = builder.build(metadata, &reply.answers, [], &reply.soa, []);
        match client.send_response(response).await {
            Ok(sent) => sent,
            Err(_) => Header { metadata, counts: HeaderCounts::default() }.into(),
        }
    }
}

impl Resolver {
    fn reply(&self, request: &Request) -> Reply {
        if request.metadata.op_code != OpCode::Query {
            return Reply::refusing(ResponseCode::NotImp);
        }
        let Ok(asked) = request.request_info() else {
            return Reply::refusing(ResponseCode::FormErr);
        };
        let query = asked.query;
        self.log.question(&query.name().to_string(), &query.query_type().to_string());
        if query.query_class() != DNSClass::IN {
            return Reply::refusing(ResponseCode::Refused);
        }
        let reply = self.names.ask(query.name(), query.query_type());
        // With CD the client judges for itself (RFC 4035 §3.2.2).
        let hidden = reply.dnssec == Dnssec::Bogus && !request.metadata.checking_disabled;
        if hidden { reply.hide() } else { reply }
    }
}

impl Reply {
    /// What a validating resolver says instead of data that it found bogus.
    fn hide(self) -> Self {
        // 6: DNSSEC Bogus (RFC 8914 §4.7).
        let bogus = ExtendedError { code: 6, text: String::new() };
        Self {
            extended_error: self.extended_error.or(Some(bogus)),
            delay: self.delay,
            ..Self::refusing(ResponseCode::ServFail)
        }
    }
}

fn header(request: &Request, reply: &Reply) -> Metadata {
    let mut metadata = Metadata::response_from_request(&request.metadata);
    metadata.recursion_available = true;
    metadata.response_code = reply.rcode;
    // AD only for a client that asks (RFC 6840 §5.8).
    let wants = request.metadata.authentic_data
        || request.edns.as_ref().is_some_and(|edns| edns.flags().dnssec_ok);
    metadata.authentic_data = wants && reply.dnssec == Dnssec::Secure;
    metadata
}

/// Our options. The listener cuts an answer over UDP at the size they name: the client's.
fn options(asked: &Edns, reply: &Reply) -> Edns {
    let mut edns = Edns::new();
    edns.set_max_payload(asked.max_payload());
    edns.set_dnssec_ok(asked.flags().dnssec_ok);
    if let Some(error) = &reply.extended_error {
        let mut data = error.code.to_be_bytes().to_vec();
        data.extend_from_slice(error.text.as_bytes());
        edns.options_mut().insert(EdnsOption::Unknown(EXTENDED_ERROR, data));
    }
    edns
}

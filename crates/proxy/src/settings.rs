//! Where settings come from: switches, then the environment, then one TOML file. What stands earlier
//! outdoes what stands later, and each is read by the switch of its name.

use std::ffi::OsString;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use clap::parser::ValueSource;
use clap::{ArgMatches, CommandFactory, FromArgMatches};
use toml::{Table, Value};

/// Switches that are no settings.
const NO_SETTINGS: [&str; 4] = ["check-config", "config", "help", "version"];

/// Settings, and what each was taken from.
#[derive(Debug)]
pub(crate) struct Settings<T> {
    pub(crate) values: T,
    pub(crate) origins: Vec<(String, Origin)>,
}

/// What a setting was taken from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    Switch,
    Environment,
    File,
}

/// Why there are no settings.
#[derive(Debug)]
pub(crate) enum SettingsError {
    /// A switch is wrong, or asks for help.
    Switch(clap::Error),
    /// A variable of the environment is wrong.
    Environment(clap::Error),
    /// The file cannot be read.
    Unreadable(PathBuf, io::Error),
    /// The file is no TOML.
    NoToml(PathBuf, toml::de::Error),
    /// The file names a setting that there is not.
    Unknown(PathBuf, String),
    /// A setting in the file is wrong.
    File(PathBuf, clap::Error),
}

/// Reads settings.
///
/// `variable` is the environment, and `read` reads a file.
pub(crate) fn read<T: CommandFactory + FromArgMatches>(
    mut line: Vec<OsString>,
    variable: impl Fn(&str) -> Option<String>,
    read: impl Fn(&Path) -> io::Result<String>,
) -> Result<Settings<T>, SettingsError> {
    let parse = |line: &[OsString]| T::command().try_get_matches_from(line);
    let switches = parse(&line).map_err(SettingsError::Switch)?;
    let mut origins = given::<T>(&switches, Origin::Switch);

    let from_environment = |name: &str| {
        let values = variable(&variable_name(name))?;
        Some(values.split(',').map(|value| value.trim().to_owned()).collect())
    };
    line.extend(missing::<T>(&switches, &mut origins, Origin::Environment, from_environment));
    let mut matches = parse(&line).map_err(SettingsError::Environment)?;

    if let Some(path) = matches.get_one::<PathBuf>("config").cloned() {
        let text = read(&path).map_err(|source| SettingsError::Unreadable(path.clone(), source))?;
        let file = read_file::<T>(&path, &text)?;
        let from_file = |name: &str| file.get(name).map(values);
        line.extend(missing::<T>(&matches, &mut origins, Origin::File, from_file));
        matches = parse(&line).map_err(|error| SettingsError::File(path, error))?;
    }
    let values = T::from_arg_matches(&matches).map_err(SettingsError::Switch)?;
    Ok(Settings { values, origins })
}

/// The names of all settings.
fn names<T: CommandFactory>() -> Vec<String> {
    let command = T::command();
    let names = command.get_arguments().filter_map(|argument| argument.get_long());
    names.filter(|name| !NO_SETTINGS.contains(name)).map(str::to_owned).collect()
}

fn is_given(matches: &ArgMatches, name: &str) -> bool {
    matches.value_source(&name.replace('-', "_")) == Some(ValueSource::CommandLine)
}

fn given<T: CommandFactory>(matches: &ArgMatches, origin: Origin) -> Vec<(String, Origin)> {
    let given = names::<T>().into_iter().filter(|name| is_given(matches, name));
    given.map(|name| (name, origin)).collect()
}

/// Switches for what is not given yet and another place knows.
fn missing<T: CommandFactory>(
    matches: &ArgMatches,
    origins: &mut Vec<(String, Origin)>,
    origin: Origin,
    known: impl Fn(&str) -> Option<Vec<String>>,
) -> Vec<OsString> {
    // Where the file is may stand in the environment.
    let names = names::<T>().into_iter().chain(["config".to_owned()]);
    let mut switches = Vec::new();
    for name in names.filter(|name| !is_given(matches, name)) {
        let Some(values) = known(&name) else { continue };
        switches.extend(values.iter().map(|value| format!("--{name}={value}").into()));
        origins.push((name, origin));
    }
    switches
}

/// `MXRAY_EHLO_NAME` for `--ehlo-name`.
fn variable_name(name: &str) -> String {
    format!("MXRAY_{}", name.to_uppercase().replace('-', "_"))
}

fn read_file<T: CommandFactory>(path: &Path, text: &str) -> Result<Table, SettingsError> {
    let table: Table =
        text.parse().map_err(|error| SettingsError::NoToml(path.to_owned(), error))?;
    let names = names::<T>();
    match table.keys().find(|key| !names.contains(key)) {
        Some(key) => Err(SettingsError::Unknown(path.to_owned(), key.clone())),
        None => Ok(table),
    }
}

/// A value, or those of a list, as a switch would have them.
fn values(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(list) => list.iter().flat_map(values).collect(),
        other => vec![other.to_string()],
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Switch => "a switch",
            Self::Environment => "the environment",
            Self::File => "the file",
        })
    }
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Switch(error) => f.write_str(&sentence(error)),
            Self::Environment(error) => write!(f, "in the environment: {}", sentence(error)),
            Self::Unreadable(path, error) => {
                write!(f, "{} cannot be read: {error}", path.display())
            }
            Self::NoToml(path, error) => write!(f, "{} is no TOML: {error}", path.display()),
            Self::Unknown(path, key) => write!(
                f,
                "in {}: there is no setting {key}; --help names them, here without the dashes in front",
                path.display()
            ),
            Self::File(path, error) => write!(f, "in {}: {}", path.display(), sentence(error)),
        }
    }
}

impl std::error::Error for SettingsError {}

/// What clap has to say, without what it says around it.
fn sentence(error: &clap::Error) -> String {
    let text = error.to_string();
    let first = text.lines().next().unwrap_or_default();
    first.strip_prefix("error: ").unwrap_or(first).to_owned()
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::io;
    use std::path::PathBuf;

    use clap::Parser;

    use super::{Origin, Settings, SettingsError, read};

    #[derive(Debug, Parser)]
    struct Program {
        #[arg(long)]
        config: Option<PathBuf>,
        #[arg(long)]
        one_port: Option<u16>,
        #[arg(long)]
        net: Vec<String>,
        #[arg(long, default_value_t = 443)]
        other_port: u16,
    }

    fn settings(
        switches: &str,
        environment: &[(&str, &str)],
        file: &str,
    ) -> Result<Settings<Program>, SettingsError> {
        let environment: HashMap<_, _> = environment.iter().copied().collect();
        let line = std::iter::once("program").chain(switches.split_whitespace());
        read(
            line.map(Into::into).collect(),
            |name| environment.get(name).map(ToString::to_string),
            |path| match path.to_str() {
                Some("a.toml") => Ok(file.to_owned()),
                _ => Err(io::ErrorKind::NotFound.into()),
            },
        )
    }

    #[test]
    fn what_stands_earlier_outdoes_what_stands_later() {
        let port = ("MXRAY_ONE_PORT", "2");
        let file = "one-port = 3";
        for (reason, switches, environment, expected, origin) in [
            ("nothing", "", &[][..], None, None),
            ("the file", "--config a.toml", &[], Some(3), Some(Origin::File)),
            ("the environment", "--config a.toml", &[port], Some(2), Some(Origin::Environment)),
            ("a switch", "--config a.toml --one-port 1", &[port], Some(1), Some(Origin::Switch)),
            (
                "the file, by the environment",
                "",
                &[("MXRAY_CONFIG", "a.toml")],
                Some(3),
                Some(Origin::File),
            ),
            ("a switch without a file", "--one-port 1", &[], Some(1), Some(Origin::Switch)),
        ] {
            let Settings { values, origins } = settings(switches, environment, file).unwrap();
            assert_eq!(values.one_port, expected, "{reason}");
            let found = origins.iter().find(|(name, _)| name == "one-port").map(|found| found.1);
            assert_eq!(found, origin, "{reason}");
            assert_eq!(values.other_port, 443, "{reason}: a default outdoes nothing");
        }
    }

    #[test]
    fn a_list_is_taken_whole_from_one_place() {
        let file = "net = ['a', 'b']\nother-port = 444";
        let by_file = settings("--config a.toml", &[], file).unwrap().values;
        assert_eq!((by_file.net, by_file.other_port), (vec!["a".to_owned(), "b".to_owned()], 444));
        let environment = [("MXRAY_NET", "c, d")];
        assert_eq!(settings("--config a.toml", &environment, file).unwrap().values.net, ["c", "d"]);
        let switches = "--config a.toml --net e --net f";
        assert_eq!(settings(switches, &environment, file).unwrap().values.net, ["e", "f"]);
    }

    #[test]
    fn a_mistake_is_answered_with_where_it_stands() {
        for (switches, environment, file, expected) in [
            ("--one-port x", &[][..], "", "invalid value 'x' for '--one-port"),
            ("", &[("MXRAY_ONE_PORT", "x")], "", "in the environment: invalid value 'x'"),
            ("--config a.toml", &[], "one-port = 'x'", "in a.toml: invalid value 'x'"),
            ("--config a.toml", &[], "one_port = 1", "in a.toml: there is no setting one_port"),
            ("--config a.toml", &[], "config = 'b.toml'", "there is no setting config"),
            ("--config a.toml", &[], "one-port", "a.toml is no TOML"),
            ("--config b.toml", &[], "", "b.toml cannot be read"),
        ] {
            let error = settings(switches, environment, file).unwrap_err().to_string();
            assert!(error.contains(expected), "{expected}: {error}");
        }
    }
}

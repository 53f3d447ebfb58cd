//! Holds a session's server to what it was approved to be: between what `trust` keeps and what the legs ask.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use decide::{Departure, Gravity, PinnedList};
use policy::{Launch, PinMode, Policy, ServerPolicy};
use serde_json::Value;
use trust::{Class, Kind, LockFile, Mode, SeenFile, Snapshot, Surroundings, Watch, Watched};
use wire::{Frame, Method, Parsed};

use crate::Command;

/// Who a server is, from outside.
#[derive(Debug, Clone)]
pub enum Whom {
    /// It is started by a command line.
    Command {
        /// The program.
        program: String,
        /// Its arguments.
        args: Vec<String>,
        /// The names of the variables set for it.
        variables: Vec<String>,
        /// Where the command line means what it means.
        surroundings: Surroundings,
    },
    /// It is reached by URL.
    Url(String),
}

impl Whom {
    /// Whom a command starts.
    pub fn started_by(command: &Command) -> Self {
        let ours = |name: &str| std::env::var_os(name);
        let theirs = |name: &str| match &command.base_env {
            Some(env) => env.get(name).map(Into::into),
            None => ours(name),
        };
        let surroundings = Surroundings {
            folder: command.folder.clone(),
            path: command.env.get("PATH").map(Into::into).or_else(|| theirs("PATH")),
            home: theirs("HOME").map(PathBuf::from),
        };
        Self::Command {
            program: command.program.clone(),
            args: command.args.clone(),
            variables: command.env.keys().cloned().collect(),
            surroundings,
        }
    }

    /// Whom the configuration leads to, seen from where we are.
    pub fn configured(launch: &Launch) -> Option<Self> {
        if let Some(url) = &launch.url {
            return Some(Self::Url(url.clone()));
        }
        Some(Self::started_by(&Command {
            program: launch.command.clone()?,
            args: launch.args.clone(),
            base_env: None,
            env: launch.env.clone(),
            folder: launch.cwd.clone(),
        }))
    }

    /// The identity as it is pinned; secrets are masked.
    pub fn identity(&self, rules: &ServerPolicy) -> Value {
        let masked = |text: &str| rules.content.masking().redact(text).into_owned();
        match self {
            Self::Command { program, args, variables, surroundings } => {
                trust::of_command(program, args, variables.iter().map(String::as_str), surroundings, masked)
            }
            Self::Url(url) => trust::of_url(&masked(url), None),
        }
    }
}

/// The pins of one server, as long as it is used.
#[derive(Debug)]
pub struct Pinning {
    name: String,
    whom: Whom,
    home: Option<PathBuf>,
    watch: Option<Arc<Watch>>,
}

/// The files of pins: the lock, and what was seen.
pub fn files(rules: &ServerPolicy, home: Option<&PathBuf>) -> (LockFile, SeenFile) {
    // Without a home nothing can be kept, and so nothing is approved.
    let home = home.cloned().unwrap_or_else(|| PathBuf::from("/dev/null"));
    let lock = match (rules.pins.mode.value, &rules.pins.file) {
        (PinMode::Locked, Some(file)) => file.clone(),
        (PinMode::Locked, None) => PathBuf::from("mcp-guard.lock"),
        _ => home.join("pins.lock"),
    };
    (LockFile::at(lock), SeenFile::at(home.join("pins-seen.jsonl")))
}

/// Our home, as this policy says.
pub fn home(policy: &Policy) -> Option<PathBuf> {
    policy.daemon().home(&|name| std::env::var_os(name))
}

impl Pinning {
    /// The pins of the server that is called `name`.
    pub fn new(policy: &Policy, rules: &ServerPolicy, name: &str, whom: Whom) -> Self {
        let mut pinning = Self { name: name.to_owned(), whom, home: home(policy), watch: None };
        pinning.renew(rules);
        pinning
    }

    /// Goes by these rules from now on.
    pub(crate) fn renew(&mut self, rules: &ServerPolicy) {
        let mode = match rules.pins.mode.value {
            PinMode::Off => {
                self.watch = None;
                return;
            }
            PinMode::FirstUse => Mode::FirstUse,
            PinMode::Locked => Mode::Locked,
        };
        let quarantine = rules.pins.quarantine.value;
        let (lock, seen) = files(rules, self.home.as_ref());
        let same = |watch: &Arc<Watch>| {
            let server = watch.server();
            (server.mode, server.quarantine, server.lock.path()) == (mode, quarantine, lock.path())
        };
        if self.watch.as_ref().is_some_and(same) {
            return;
        }
        let identity = self.whom.identity(rules);
        let name = self.name.clone();
        self.watch = Some(Arc::new(Watch::new(Watched { name, mode, quarantine, lock, seen, identity })));
    }

    /// Takes note of an answer of the server, before it is judged.
    pub(crate) fn note(&self, method: Option<Method>, cursor: Option<&str>, answer: &Frame<Parsed>) {
        let (Some(watch), Some(method), Some((result, _))) = (&self.watch, method, answer.body()) else {
            return;
        };
        let kind = match method {
            Method::Initialize | Method::Discover => None,
            Method::ToolsList => Some(Kind::Tool),
            Method::PromptsList => Some(Kind::Prompt),
            Method::ResourcesList => Some(Kind::Resource),
            Method::TemplatesList => Some(Kind::Template),
            _ => return,
        };
        // What is nested too deeply to be compared is not noted, and not taken for what was approved.
        let Ok(result) = serde_json::from_str(result) else { return };
        match kind {
            None => watch.note_introduction(&result),
            Some(kind) => watch.note_page(kind, cursor, &result),
        }
    }

    /// What holds now.
    pub(crate) fn now(&self) -> Option<Approved> {
        self.watch.as_ref().map(|watch| Approved(watch.snapshot()))
    }
}

/// What was approved of a server, at one moment.
#[derive(Debug)]
pub(crate) struct Approved(Arc<Snapshot>);

impl decide::Pins for Approved {
    fn whole(&self) -> Vec<Departure> {
        self.0.whole().into_iter().map(departure).collect()
    }

    fn introduced(&self, result: &str) -> Vec<Departure> {
        match serde_json::from_str(result) {
            Ok(result) => self.0.introduced(&result).into_iter().map(departure).collect(),
            Err(error) => vec![unread(&error)],
        }
    }

    fn listed(&self, list: PinnedList, name: &str, element: &str) -> Option<Departure> {
        match serde_json::from_str(element) {
            Ok(element) => self.0.listed(kind(list), name, &element).map(departure),
            Err(error) => Some(unread(&error)),
        }
    }

    fn called(&self, list: PinnedList, name: &str) -> Option<Departure> {
        self.0.called(kind(list), name).map(departure)
    }

    fn server(&self) -> &str {
        self.0.name()
    }
}

fn kind(list: PinnedList) -> Kind {
    match list {
        PinnedList::Tools => Kind::Tool,
        PinnedList::Prompts => Kind::Prompt,
        PinnedList::Resources => Kind::Resource,
        PinnedList::Templates => Kind::Template,
    }
}

fn departure(departure: trust::Departure) -> Departure {
    match departure {
        trust::Departure::Drift { kind, class, text } => {
            let gravity = match class {
                Class::Cosmetic => Gravity::Cosmetic,
                Class::Compatible => Gravity::Compatible,
                Class::Breaking => Gravity::Breaking,
                Class::Meaning => Gravity::Meaning,
            };
            Departure { gravity, what: kind.as_str(), text }
        }
        trust::Departure::Unapproved => Departure {
            gravity: Gravity::Unapproved,
            what: "server",
            text: "no person has approved it yet".to_owned(),
        },
        trust::Departure::Unknown(text) => Departure { gravity: Gravity::Unknown, what: "server", text },
    }
}

fn unread(error: &serde_json::Error) -> Departure {
    let text = format!("it cannot be compared with what was approved: {error}");
    Departure { gravity: Gravity::Meaning, what: "server", text }
}

/// The cursors of lists that were asked for, by the requests' ids.
pub(crate) type Cursors = BTreeMap<wire::Id, String>;

/// The cursor of a request for a list.
pub(crate) fn cursor(method: Option<Method>, request: &str) -> Option<String> {
    let lists = [Method::ToolsList, Method::PromptsList, Method::ResourcesList, Method::TemplatesList];
    let cursor =
        wire::member(request, "cursor").filter(|_| method.is_some_and(|method| lists.contains(&method)))?;
    wire::text_of(cursor.value).map(std::borrow::Cow::into_owned)
}

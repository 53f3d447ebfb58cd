//! The way to one server: how it is reached, which era it speaks, and what is shared of it.

use std::{
    collections::{BTreeMap, HashMap},
    process::Stdio,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use bytes::Bytes;
use eras::{LegacyOverModern, LegacySettings, ModernOverLegacy, ModernSettings, SameEra, Translator};
use http::HeaderMap;
use policy::{Era, Launch, Limits, Policy, ServerPolicy};
use sha2::{Digest, Sha256};
use upstream::{HttpLink, Spoken};

use super::{
    Actor, Alive, Begin, Far, Link, Replies, Trouble, over_http, over_process, probe, target::Remote,
};
use crate::{Command, Log, os::reaper::Reaper, relay::Server, session::wire_limits, stderr};

/// Looks after processes: for each that is started.
#[derive(Clone)]
pub(crate) struct Keeper {
    pub(crate) reaper: Arc<Reaper>,
    pub(crate) log: Arc<Log>,
    /// Held by each process as long as it lives.
    pub(crate) alive: Alive,
}

/// The ways to the servers of the policy in force. What is known of one outlasts a policy that leaves it as it is.
pub(crate) struct Routes {
    keeper: Keeper,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    of: Option<Arc<Policy>>,
    by_name: BTreeMap<Arc<str>, Arc<Route>>,
}

impl Routes {
    pub(crate) fn new(keeper: Keeper) -> Self {
        Self { keeper, known: Mutex::default() }
    }

    /// The way to a server; `None` if the policy knows none of that name.
    pub(crate) fn get(&self, policy: &Arc<Policy>, name: &str) -> Option<Arc<Route>> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.of.as_ref().is_none_or(|of| !Arc::ptr_eq(of, policy)) {
            let mut old = std::mem::take(&mut known.by_name);
            for server in policy.servers() {
                let Some(name) = &server.name else { continue };
                let kept = old.remove(name).filter(|route| route.leads_as(server, policy.limits()));
                let route =
                    kept.unwrap_or_else(|| Arc::new(Route::new(&self.keeper, server, policy.limits())));
                known.by_name.insert(Arc::clone(name), route);
            }
            known.of = Some(Arc::clone(policy));
        }
        known.by_name.get(name).map(Arc::clone)
    }

    /// Gives up links nobody uses, or all of them.
    pub(crate) async fn sweep(&self, all: bool) {
        let routes: Vec<_> = {
            let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            known.by_name.values().map(Arc::clone).collect()
        };
        for route in routes {
            route.sweep(all).await;
        }
    }
}

/// Links of modern clients to one server that are kept, each perhaps a process; the one longest unused makes room.
const KEPT: usize = 1024;

/// The same of one user: whoever declares other capabilities each time has no more.
const KEPT_EACH: usize = 32;

/// A link of modern clients that nobody has used for so long is given up.
const UNUSED: Duration = Duration::from_secs(600);

/// See the module.
pub(crate) struct Route {
    keeper: Keeper,
    rules: Arc<ServerPolicy>,
    way: Way,
    limits: Limits,
    /// Whether a process speaks the modern era, once known.
    modern: tokio::sync::OnceCell<bool>,
    links: Mutex<HashMap<Kin, Used>>,
}

/// How the server is reached.
enum Way {
    Process(Arc<Command>),
    Remote(Box<Remote>),
    /// Not at all; the log says why.
    Nowhere,
}

/// Modern clients that may share one link: the same user, with the same capabilities where the link has to declare
/// them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Kin {
    user: String,
    /// SHA-256 of what was declared: it may be long.
    capabilities: Option<[u8; 32]>,
}

struct Used {
    link: Link,
    at: Instant,
}

impl Route {
    fn new(keeper: &Keeper, rules: &Arc<ServerPolicy>, limits: &Limits) -> Self {
        let way = match &rules.launch {
            Some(launch) => way(launch, limits, &keeper.log),
            None => Err("the configuration does not say how the server is reached".to_owned()),
        };
        let way = way.unwrap_or_else(|why| {
            let name = rules.name.as_deref().unwrap_or_default();
            keeper.log.error(format_args!("{name}: {why}"));
            Way::Nowhere
        });
        Self {
            keeper: keeper.clone(),
            rules: Arc::clone(rules),
            way,
            limits: limits.clone(),
            modern: tokio::sync::OnceCell::new(),
            links: Mutex::default(),
        }
    }

    /// Whether it leads where these rules say.
    fn leads_as(&self, rules: &ServerPolicy, limits: &Limits) -> bool {
        self.rules.launch == rules.launch
            && self.rules.min_protocol_version == rules.min_protocol_version
            && self.limits == *limits
    }

    /// Whether another leads to the same server in the same way.
    pub(crate) fn leads_where(&self, other: &Self) -> bool {
        self.rules.launch == other.rules.launch
    }

    /// Puts `initialize` to the server, over a link for this session alone. A server that does not know the client's era
    /// is reached through a translator.
    pub(crate) async fn open(&self, line: &Bytes, headers: HeaderMap) -> Result<(Link, Replies), Trouble> {
        match &self.way {
            Way::Process(command) => {
                let known = self.modern.get().copied() == Some(true) || self.era() == Era::Modern;
                if self.era() != Era::Modern {
                    let link = self.process(command, Box::new(SameEra::private()), true);
                    let mut replies = link.request(line.clone(), HeaderMap::new()).await?;
                    if !(known || replies.knows_no_handshake().await) || !self.is_modern(command).await {
                        return Ok((link, replies));
                    }
                    link.close().await;
                }
                let link = self.process(command, self.legacy_over_modern(), false);
                let replies = link.request(line.clone(), HeaderMap::new()).await?;
                Ok((link, replies))
            }
            Way::Remote(remote) => {
                let link = match remote.for_legacy(self.era()).await? {
                    Spoken::Streamable => Link::Http(remote.streamable()),
                    Spoken::Sse => Link::Http(remote.sse()),
                    Spoken::Modern => self.translated(remote.modern(), true, self.legacy_over_modern()),
                };
                let replies = link.request(line.clone(), headers).await?;
                Ok((link, replies))
            }
            Way::Nowhere => Err(nowhere()),
        }
    }

    /// A link for one exchange of a modern client.
    pub(crate) async fn link(&self, user: &str, capabilities: &str) -> Result<Link, Trouble> {
        match &self.way {
            Way::Process(command) => {
                let modern = match self.era() {
                    Era::Modern => true,
                    Era::Legacy => false,
                    Era::Auto => self.is_modern(command).await,
                };
                let kin = self.kin(user, (!modern).then_some(capabilities));
                self.kept(kin, || {
                    let translator: Box<dyn Translator> = match modern {
                        true => Box::new(SameEra::shared()),
                        false => self.modern_over_legacy()?,
                    };
                    Ok(self.process(command, translator, false))
                })
            }
            Way::Remote(remote) => match remote.for_modern(self.era()).await? {
                Spoken::Modern => Ok(Link::Http(remote.modern())),
                Spoken::Streamable => self.kept(self.kin(user, Some(capabilities)), || {
                    Ok(self.translated(remote.streamable(), false, self.modern_over_legacy()?))
                }),
                Spoken::Sse => self.kept(self.kin(user, Some(capabilities)), || {
                    Ok(self.translated(remote.sse(), false, self.modern_over_legacy()?))
                }),
            },
            Way::Nowhere => Err(nowhere()),
        }
    }

    /// Gives up links nobody uses, or all of them.
    async fn sweep(&self, all: bool) {
        let old: Vec<_> = {
            let mut links = self.links.lock().unwrap_or_else(PoisonError::into_inner);
            let unused = |used: &Used| used.at.elapsed() >= UNUSED && !used.link.is_in_use();
            links.extract_if(|_, used| all || unused(used)).map(|(_, used)| used.link).collect()
        };
        for link in old {
            link.close().await;
        }
    }

    fn era(&self) -> Era {
        self.rules.launch.as_ref().map(|launch| launch.era).unwrap_or_default()
    }

    fn kin(&self, user: &str, capabilities: Option<&str>) -> Kin {
        Kin {
            user: user.to_owned(),
            capabilities: capabilities.map(|declared| Sha256::digest(declared).into()),
        }
    }

    fn kept(&self, kin: Kin, make: impl FnOnce() -> Result<Link, Trouble>) -> Result<Link, Trouble> {
        let mut links = self.links.lock().unwrap_or_else(PoisonError::into_inner);
        let at = Instant::now();
        if let Some(used) = links.get_mut(&kin) {
            used.at = at;
            return Ok(used.link.clone());
        }
        let theirs = links.keys().filter(|other| other.user == kin.user).count() >= KEPT_EACH;
        if theirs || links.len() >= KEPT {
            let idle = links
                .iter()
                .filter(|(other, used)| (!theirs || other.user == kin.user) && !used.link.is_in_use());
            let oldest = idle.min_by_key(|(_, used)| used.at).map(|(other, _)| other.clone());
            let full = || Trouble::Gone("too many clients of different kinds use the server".to_owned());
            links.remove(&oldest.ok_or_else(full)?);
        }
        let link = make()?;
        links.insert(kin, Used { link: link.clone(), at });
        Ok(link)
    }

    /// Whether the process speaks the modern era; it is asked once.
    async fn is_modern(&self, command: &Arc<Command>) -> bool {
        let patience = self.rules.supervision.start_timeout;
        let known = self.modern.get_or_try_init(|| async {
            let far = self.starter(command).start().map_err(drop)?;
            probe::speaks_modern(far, patience).await.ok_or(())
        });
        // What could not be asked may be another time.
        known.await.ok().copied().unwrap_or(false)
    }

    fn process(
        &self,
        command: &Arc<Command>,
        translator: Box<dyn Translator>,
        told_by_session: bool,
    ) -> Link {
        let starter = self.starter(command);
        let begin: Begin = Box::new(move || starter.start());
        Link::Actor(Actor::new(translator, begin, told_by_session))
    }

    fn starter(&self, command: &Arc<Command>) -> Starter {
        Starter {
            keeper: self.keeper.clone(),
            rules: Arc::clone(&self.rules),
            command: Arc::clone(command),
            max_frame_bytes: self.limits.max_frame_bytes,
        }
    }

    fn translated(&self, link: HttpLink, modern: bool, translator: Box<dyn Translator>) -> Link {
        Link::Actor(Actor::new(translator, Box::new(move || Ok(over_http(link.clone(), modern))), false))
    }

    fn legacy_over_modern(&self) -> Box<dyn Translator> {
        let limits = wire_limits(&self.limits);
        Box::new(LegacyOverModern::new(LegacySettings { limits, ..LegacySettings::default() }))
    }

    /// An error without randomness: what is sealed could be forged then.
    fn modern_over_legacy(&self) -> Result<Box<dyn Translator>, Trouble> {
        let mut key = [0; 32];
        getrandom::fill(&mut key)
            .map_err(|error| Trouble::Gone(format!("the system gives no randomness: {error}")))?;
        let limits = wire_limits(&self.limits);
        let oldest = self.rules.min_protocol_version.as_ref().map(|oldest| oldest.value);
        Ok(Box::new(ModernOverLegacy::new(ModernSettings { oldest, limits, ..ModernSettings::new(key) })))
    }
}

/// Starts a server's process.
struct Starter {
    keeper: Keeper,
    rules: Arc<ServerPolicy>,
    command: Arc<Command>,
    max_frame_bytes: usize,
}

impl Starter {
    fn start(&self) -> Result<Far, String> {
        let Keeper { reaper, log, alive } = &self.keeper;
        let mut server = Server::start(&self.command, Stdio::piped()).map_err(|error| {
            log.error(format_args!("{}: {error}", self.rules.name.as_deref().unwrap_or_default()));
            "the server cannot be started; the log says why".to_owned()
        })?;
        if let Err(error) = server.watch(reaper) {
            log.warn(format_args!("should we be killed, a server is left: {error}"));
        }
        if let Some(stderr) = server.stderr.take() {
            tokio::spawn(stderr::copy(stderr, Arc::clone(&self.rules), Arc::clone(log)));
        }
        Ok(over_process(server, self.max_frame_bytes, alive.clone()))
    }
}

fn nowhere() -> Trouble {
    Trouble::Gone("the server cannot be reached as it is configured; the log says why".to_owned())
}

fn way(launch: &Launch, limits: &Limits, log: &Arc<Log>) -> Result<Way, String> {
    match (&launch.command, &launch.url) {
        (Some(program), _) => Ok(Way::Process(Arc::new(Command {
            program: program.clone(),
            args: launch.args.clone(),
            base_env: None,
            env: launch.env.clone(),
            folder: launch.cwd.clone(),
        }))),
        (None, Some(url)) => Ok(Way::Remote(Box::new(Remote::new(url, launch, limits, log)?))),
        (None, None) => Err("the server has neither a command nor a URL".to_owned()),
    }
}

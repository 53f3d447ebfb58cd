//! The pass for literals: every detector that knows how its values begin is
//! called where one of its anchors stands, and nowhere else.

use aho_corasick::{AhoCorasick, AhoCorasickKind, Input, Match, MatchKind, Span, packed};

use super::{Scan, aws, database_url, github, jwt, pem, slack, tokens};
use crate::catalogue::Builtin;

/// A literal, the detectors that need it, and what to do where it stands.
struct Anchor {
    literal: &'static str,
    serves: &'static [Builtin],
    found: Found,
}

/// Called with the position of the literal.
type Found = fn(&mut Scan<'_>, usize);

const fn anchor(literal: &'static str, serves: &'static [Builtin], found: Found) -> Anchor {
    Anchor { literal, serves, found }
}

/// Both AWS detectors: a key id lends context to a secret key beside it.
const AWS: &[Builtin] = &[Builtin::AwsKey, Builtin::AwsSecretKey];
const OPENAI_AND_ANTHROPIC: &[Builtin] = &[Builtin::OpenaiKey, Builtin::AnthropicKey];

const DATABASES: &[Builtin] = &[Builtin::DatabaseUrl, Builtin::LocalDatabaseUrl];

static ANCHORS: [Anchor; 36] = [
    anchor("AKIA", AWS, aws::key_id),
    anchor("ASIA", AWS, aws::key_id),
    anchor("ABIA", AWS, aws::key_id),
    anchor("ACCA", AWS, aws::key_id),
    anchor("secret", &[Builtin::AwsSecretKey], aws::secret_word),
    anchor("Secret", &[Builtin::AwsSecretKey], aws::secret_word),
    anchor("SECRET", &[Builtin::AwsSecretKey], aws::secret_word),
    anchor("ghp_", &[Builtin::GithubToken], github::token),
    anchor("gho_", &[Builtin::GithubToken], github::token),
    anchor("ghu_", &[Builtin::GithubToken], github::token),
    anchor("ghr_", &[Builtin::GithubToken], github::token),
    anchor("ghs_", &[Builtin::GithubToken], github::app_token),
    anchor("github_pat_", &[Builtin::GithubToken], github::fine_grained),
    anchor("xox", &[Builtin::SlackToken], slack::token),
    anchor("xapp-", &[Builtin::SlackToken], slack::app_token),
    anchor("hooks.slack.com/", &[Builtin::SlackToken], slack::webhook),
    anchor("AIza", &[Builtin::GoogleKey], tokens::google_api_key),
    anchor("ya29.", &[Builtin::GoogleKey], tokens::google_access_token),
    anchor("GOCSPX-", &[Builtin::GoogleKey], tokens::google_client_secret),
    anchor("sk_live_", &[Builtin::StripeKey], tokens::stripe_key),
    anchor("sk_test_", &[Builtin::StripeKey], tokens::stripe_key),
    anchor("rk_live_", &[Builtin::StripeKey], tokens::stripe_key),
    anchor("rk_test_", &[Builtin::StripeKey], tokens::stripe_key),
    anchor("whsec_", &[Builtin::StripeKey], tokens::stripe_webhook),
    anchor("sk-", OPENAI_AND_ANTHROPIC, tokens::sk_key),
    anchor("npm_", &[Builtin::NpmToken], tokens::npm),
    anchor("pypi-AgE", &[Builtin::PypiToken], tokens::pypi),
    anchor("-BEGIN ", &[Builtin::PrivateKey], pem::block),
    anchor("- BEGIN ", &[Builtin::PrivateKey], pem::block),
    anchor("eyJ", &[Builtin::Jwt], jwt::token),
    anchor("eyAi", &[Builtin::Jwt], jwt::token),
    anchor("ewog", &[Builtin::Jwt], jwt::token),
    anchor("ewoJ", &[Builtin::Jwt], jwt::token),
    anchor("ew0K", &[Builtin::Jwt], jwt::token),
    anchor("://", DATABASES, database_url::plain),
    anchor(":\\/\\/", DATABASES, database_url::escaped),
];

/// The anchors of the enabled detectors, ready to be searched for.
#[derive(Debug)]
pub(super) struct Anchors {
    /// Fast where anchors are rare, slow at each one; not on every machine.
    vectorised: Option<packed::Searcher>,
    /// As fast wherever anchors stand; `None` when there are none.
    automaton: Option<AhoCorasick>,
    /// What to do, by pattern number.
    found: Vec<Found>,
}

/// The vectorised search pays while anchors are at least this far apart on
/// average, give or take some at the beginning.
const SPACING: usize = 64;
const HEAD_START: usize = 16 * SPACING;

/// Texts shorter than this do not fill the vectors, in bytes.
const SHORT: usize = 64;

impl Anchors {
    pub(super) fn new(wanted: impl Fn(Builtin) -> bool) -> Self {
        let enabled: Vec<&Anchor> =
            ANCHORS.iter().filter(|anchor| anchor.serves.iter().any(|&builtin| wanted(builtin))).collect();
        let literals = || enabled.iter().map(|anchor| anchor.literal);
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostFirst)
            .kind(Some(AhoCorasickKind::DFA))
            .prefilter(false)
            .build(literals());
        Self {
            vectorised: packed::Searcher::new(literals()),
            automaton: automaton.ok().filter(|_| !enabled.is_empty()),
            found: enabled.iter().map(|anchor| anchor.found).collect(),
        }
    }

    pub(super) fn scan(&self, scan: &mut Scan<'_>) {
        let Some(automaton) = &self.automaton else { return };
        let text = scan.text;
        let mut at = 0;
        if let Some(vectorised) = self.vectorised.as_ref().filter(|_| text.len() >= SHORT) {
            let mut found = 0;
            while at + HEAD_START >= found * SPACING {
                let Some(anchor) = vectorised.find_in(text, Span::from(at..text.len())) else { return };
                self.dispatch(scan, anchor);
                at = anchor.end();
                found += 1;
            }
        }
        for anchor in automaton.find_iter(Input::new(text).span(at..text.len())) {
            self.dispatch(scan, anchor);
        }
    }

    /// Where the first anchor stands.
    pub(super) fn first(&self, text: &[u8]) -> Option<usize> {
        Some(self.automaton.as_ref()?.find(text)?.start())
    }

    /// Whether an anchor begins with `begun`, whether or not its detectors are enabled.
    pub(super) fn begin_with(&self, begun: &str) -> bool {
        ANCHORS.iter().any(|anchor| anchor.literal.starts_with(begun))
    }

    fn dispatch(&self, scan: &mut Scan<'_>, anchor: Match) {
        if let Some(found) = self.found.get(anchor.pattern().as_usize()) {
            found(scan, anchor.start());
        }
    }
}

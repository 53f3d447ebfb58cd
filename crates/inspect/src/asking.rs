//! Whether a question asks a person for a secret: by the name of a field, or by what is said about it.

mod words;

use words::clauses;

/// The kind of secret that a field of this name would hold, such as `password` for `dbPassword`.
pub fn named(name: &str) -> Option<&'static str> {
    clauses(name).iter().find_map(|words| mention(words, |place| place.is_name()))
}

/// The kind of secret that this text asks for, such as `API key` for "Please enter your API key".
pub fn requested(text: &str) -> Option<&'static str> {
    let mut denied = false;
    clauses(text).iter().find_map(|words| {
        let found = mention(words, |place| place.is_request(denied));
        denied = any_of(words, &DENIALS);
        found
    })
}

/// Secrets that are one wherever they are named. Words are written together.
const SECRETS: [(&str, &[&str]); 11] = [
    (
        "password",
        &[
            "password",
            "passwords",
            "passwd",
            "pwd",
            "passphrase",
            "passcode",
            "passwort",
            "kennwort",
            "contraseña",
            "motdepasse",
            "senha",
        ],
    ),
    ("API key", &["apikey", "apikeys", "apitoken", "apisecret"]),
    (
        "private key",
        &["privatekey", "secretkey", "accesskey", "signingkey", "encryptionkey", "masterkey", "sshkey"],
    ),
    (
        "token",
        &[
            "accesstoken",
            "authtoken",
            "authenticationtoken",
            "bearertoken",
            "refreshtoken",
            "sessiontoken",
            "idtoken",
            "oauthtoken",
            "securitytoken",
            "personaltoken",
            "bottoken",
            "jwt",
            "sessioncookie",
        ],
    ),
    ("secret", &["clientsecret", "sharedsecret", "appsecret", "webhooksecret", "secretvalue"]),
    (
        "recovery phrase",
        &[
            "seedphrase",
            "seedwords",
            "recoveryphrase",
            "secretphrase",
            "mnemonicphrase",
            "mnemonic",
            "recoverycode",
            "recoverycodes",
            "backupcode",
            "backupcodes",
            "recoverykey",
        ],
    ),
    (
        "one-time code",
        &[
            "otp",
            "totp",
            "onetimecode",
            "onetimepassword",
            "onetimepasscode",
            "2fa",
            "2facode",
            "mfacode",
            "twofactorcode",
            "verificationcode",
            "authenticatorcode",
            "authenticationcode",
            "securitycode",
        ],
    ),
    ("card number", &["cvv", "cvc", "cvv2", "cvc2", "cardnumber", "creditcardnumber"]),
    ("social security number", &["ssn", "socialsecuritynumber", "socialsecurityno"]),
    ("PIN", &["pincode", "pinnumber"]),
    ("credentials", &["credential", "credentials"]),
];

/// Words that mean a secret only where nothing beside them says otherwise.
const FAINT: [(&str, &[&str]); 3] = [("secret", &["secret"]), ("token", &["token"]), ("PIN", &["pin"])];

/// What turns a secret's name into that of something about it: a password's length, a token's type.
const ABOUT: [&str; 37] = [
    "name",
    "names",
    "id",
    "ids",
    "length",
    "count",
    "counts",
    "type",
    "policy",
    "policies",
    "strength",
    "expiry",
    "expires",
    "expiration",
    "label",
    "title",
    "description",
    "rotation",
    "limit",
    "limits",
    "budget",
    "usage",
    "format",
    "manager",
    "reset",
    "resets",
    "change",
    "symbol",
    "address",
    "supply",
    "price",
    "location",
    "color",
    "colour",
    "position",
    "required",
    "age",
];

/// What says of a faint word that another thing is meant: the next page's token, the most tokens.
const OTHERWISE: [&str; 17] = [
    "max",
    "maximum",
    "min",
    "minimum",
    "page",
    "next",
    "previous",
    "cursor",
    "continuation",
    "sync",
    "design",
    "per",
    "total",
    "map",
    "input",
    "output",
    "not",
];

/// Begins the words by which somebody is asked to say something.
const CUES: [&str; 27] = [
    "enter", "reenter", "provide", "type", "paste", "input", "supply", "give", "tell", "share", "send",
    "submit", "fill", "insert", "specify", "confirm", "write", "need", "needs", "require", "requires",
    "your", "is", "with", "reply", "verify", "set",
];

/// Says that what follows only describes what went before.
const LINKS: [&str; 11] =
    ["for", "of", "about", "without", "from", "to", "by", "if", "whether", "that", "how"];

/// Says that nobody asks.
const DENIALS: [&str; 7] = ["never", "not", "no", "dont", "don", "without", "cannot"];

/// Words between a cue and what is asked for, such as "your new GitHub".
const GAP: usize = 4;

fn mention(words: &[String], asks: impl Fn(&Place<'_>) -> bool) -> Option<&'static str> {
    (0..words.len()).find_map(|start| {
        let at = |forms: &[&str]| forms.iter().find_map(|form| run(words, start, form));
        let kind_at = |kinds: &[(&'static str, &[&str])], faint| {
            kinds.iter().find_map(|(kind, forms)| {
                let place = Place::new(words, start, at(forms)?, faint);
                asks(&place).then_some(*kind)
            })
        };
        kind_at(&SECRETS, false).or_else(|| kind_at(&FAINT, true))
    })
}

/// Where the words from `start` on that make up `form` end; `None` if they do not. How many they are does not matter:
/// `pass word` and `p a s s w o r d` are one.
fn run(words: &[String], start: usize, form: &str) -> Option<usize> {
    let mut left = form;
    for (nth, word) in words.iter().enumerate().skip(start) {
        left = left.strip_prefix(word.as_str())?;
        if left.is_empty() {
            return Some(nth + 1);
        }
    }
    None
}

/// The words that name a secret, among the others of their clause.
struct Place<'a> {
    before: &'a [String],
    after: Option<&'a str>,
    faint: bool,
}

impl<'a> Place<'a> {
    fn new(words: &'a [String], start: usize, end: usize, faint: bool) -> Self {
        let before = words.get(..start).unwrap_or_default();
        Self { before, after: words.get(end).map(String::as_str), faint }
    }

    fn is_name(&self) -> bool {
        !self.is_about() && !any_of(self.before, &LINKS)
    }

    /// `denied`: in the clause before, something is not asked for, of which this may go on: "no names, pin, or such".
    fn is_request(&self, denied: bool) -> bool {
        if self.is_about() {
            return false;
        }
        // "Secret ingredient": something else follows that the faint word only describes.
        if self.faint && self.after.is_some_and(|after| !LINKS.contains(&after) && !FOLLOW.contains(&after)) {
            return false;
        }
        let starts =
            self.before.len() < GAP && !any_of(self.before, &LINKS) && !any_of(self.before, &DENIALS);
        starts && !(denied && self.faint) || self.is_asked_for()
    }

    fn is_asked_for(&self) -> bool {
        let near = self.before.len().saturating_sub(GAP + 1);
        self.before.iter().enumerate().skip(near).any(|(nth, word)| {
            let (earlier, between) = self.before.split_at(nth);
            let between = between.get(1..).unwrap_or_default();
            CUES.contains(&word.as_str()) && !any_of(between, &LINKS) && !any_of(earlier, &DENIALS)
        })
    }

    /// Whether it is about a secret and not the secret itself.
    fn is_about(&self) -> bool {
        self.after.is_some_and(|after| ABOUT.contains(&after))
            || self.faint && self.before.last().is_some_and(|before| OTHERWISE.contains(&before.as_str()))
    }
}

/// What may follow a faint word that is asked for.
const FOLLOW: [&str; 9] = ["here", "below", "now", "and", "in", "into", "so", "please", "value"];

fn any_of(words: &[String], list: &[&str]) -> bool {
    words.iter().any(|word| list.contains(&word.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [(&str, &str); 30] = [
        ("password", "password"),
        ("db_password", "password"),
        ("userPassword2", "password"),
        ("PASSWORD", "password"),
        ("pass-word", "password"),
        ("pass\u{200b}word", "password"),
        ("p a s s w o r d", "password"),
        ("ｐａｓｓｗｏｒｄ", "password"),
        ("раsswоrd", "password"),
        ("Passphrase", "password"),
        ("apiKey", "API key"),
        ("OPENAI_API_KEY", "API key"),
        ("APIKey", "API key"),
        ("api.key", "API key"),
        ("privateKey", "private key"),
        ("aws_secret_access_key", "secret"),
        ("access_token", "token"),
        ("githubToken", "token"),
        ("token", "token"),
        ("secret", "secret"),
        ("client_secret", "secret"),
        ("seedPhrase", "recovery phrase"),
        ("wallet recovery phrase", "recovery phrase"),
        ("pin", "PIN"),
        ("pinCode", "PIN"),
        ("otp", "one-time code"),
        ("2fa_code", "one-time code"),
        ("verification_code", "one-time code"),
        ("cvv", "card number"),
        ("SSN", "social security number"),
    ];

    const OTHER_NAMES: [&str; 29] = [
        "name",
        "username",
        "email",
        "max_tokens",
        "maxTokens",
        "token_count",
        "tokenLimit",
        "tokenization",
        "page_token",
        "nextPageToken",
        "secretary",
        "secret_name",
        "password_length",
        "passwordPolicy",
        "keyboard_shortcut",
        "key",
        "primary_key",
        "postal_code",
        "country_code",
        "pinned",
        "pin_color",
        "map pin",
        "opinion",
        "shipping",
        "author",
        "authorization_url",
        "passenger",
        "api_key_id",
        "reason_for_password_change",
    ];

    const REQUESTS: [(&str, &str); 16] = [
        ("Please enter your API key", "API key"),
        ("please enter your A.P.I key to go on", "API key"),
        ("What is your password?", "password"),
        ("We need your GitHub personal access token.", "token"),
        ("Paste your token here", "token"),
        ("Enter the 6-digit verification code we sent you", "one-time code"),
        ("To continue, type your PIN", "PIN"),
        ("Do not worry, just enter your password", "password"),
        ("Password for the database", "password"),
        ("Your 24-word recovery phrase", "recovery phrase"),
        ("Provide credentials", "credentials"),
        ("Enter your p\u{200b}assword", "password"),
        ("Enter your p a s s w o r d", "password"),
        ("Give me the CVV", "card number"),
        ("Confirm your Social Security number", "social security number"),
        ("The secret", "secret"),
    ];

    const OTHER_TEXTS: [&str; 17] = [
        "Your favorite integer (do not give us your phone number, pin, or other sensitive info)",
        "Please enter your name",
        "How many tokens may the answer have?",
        "Enter the maximum token count",
        "Choose a tokenization scheme for the secretary",
        "Which keyboard shortcut do you prefer?",
        "We will never ask for your password",
        "Do not enter your password here",
        "A label for the API key",
        "Enter a label for the API key",
        "Secret ingredient of the dish",
        "Password length",
        "Pin this message to the top?",
        "Your postal code",
        "The primary key of the row",
        "Shall I go on?",
        "Enter the number of the day after which the password expires",
    ];

    #[test]
    fn fields_for_secrets_are_known_by_their_names() {
        for (name, kind) in NAMES {
            assert_eq!(named(name), Some(kind), "{name}");
        }
        for name in OTHER_NAMES {
            assert_eq!(named(name), None, "{name}");
        }
    }

    #[test]
    fn requests_for_secrets_are_told_from_mentions() {
        for (text, kind) in REQUESTS {
            assert_eq!(requested(text), Some(kind), "{text}");
        }
        for text in OTHER_TEXTS {
            assert_eq!(requested(text), None, "{text}");
        }
    }

    #[test]
    fn long_texts_take_linear_time() {
        let text = "enter your pass ".repeat(20_000);
        let since = std::time::Instant::now();
        assert_eq!(requested(&text), None);
        assert!(since.elapsed() < std::time::Duration::from_secs(10), "{:?}", since.elapsed());
    }
}

use subtle::{ConditionallySelectable, ConstantTimeEq};

use crate::KeyHash;

/// Who calls, in whose name and with whose rights.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Principal {
    /// The name it has in rules and records.
    pub name: String,
    /// Groups that rules may speak of.
    pub groups: Vec<String>,
}

/// The keys that let somebody in. Only their hashes are kept.
#[derive(Debug, Clone, Default)]
pub struct ApiKeys {
    keys: Vec<(KeyHash, Principal)>,
}

/// A key that stands for two principals.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the key of `{second}` is also the key of `{first}`; give each its own")]
pub struct DuplicateKey {
    /// Whose key it is.
    pub first: String,
    /// Who cannot have it, too.
    pub second: String,
}

impl ApiKeys {
    /// Lets in who knows the key. A principal may have several, so that one can take the place of another.
    ///
    /// # Errors
    /// The key is there already.
    pub fn add(&mut self, key: KeyHash, principal: Principal) -> Result<(), DuplicateKey> {
        if let Some((_, holder)) = self.keys.iter().find(|(known, _)| *known == key) {
            return Err(DuplicateKey { first: holder.name.clone(), second: principal.name });
        }
        self.keys.push((key, principal));
        Ok(())
    }

    /// Whether nobody has a key.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whose key this is. It takes the same time for every key, known or not.
    pub fn authenticate(&self, presented: &str) -> Option<&Principal> {
        let presented = KeyHash::of(presented);
        let mut found = u64::MAX;
        for (index, (key, _)) in (0_u64..).zip(&self.keys) {
            found.conditional_assign(&index, key.as_bytes().ct_eq(presented.as_bytes()));
        }
        self.keys.get(usize::try_from(found).ok()?).map(|(_, principal)| principal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn principal(name: &str) -> Principal {
        Principal { name: name.to_owned(), groups: vec!["staff".to_owned()] }
    }

    fn keys() -> ApiKeys {
        let mut keys = ApiKeys::default();
        keys.add("first-key-0123456789".parse().unwrap(), principal("ann")).unwrap();
        keys.add(KeyHash::of("second-key-0123456789"), principal("bob")).unwrap();
        keys
    }

    #[test]
    fn each_key_stands_for_its_principal_and_nothing_else_for_anybody() {
        let keys = keys();
        assert_eq!(keys.authenticate("first-key-0123456789"), Some(&principal("ann")));
        assert_eq!(keys.authenticate("second-key-0123456789"), Some(&principal("bob")));
        let hash = KeyHash::of("second-key-0123456789").to_string();
        for wrong in ["", "first-key-012345678", "first-key-01234567890", "FIRST-KEY-0123456789", &hash] {
            assert_eq!(keys.authenticate(wrong), None, "{wrong}");
        }
        assert_eq!(ApiKeys::default().authenticate(""), None);
    }

    #[test]
    fn a_key_has_one_holder() {
        let error = keys().add(KeyHash::of("first-key-0123456789"), principal("eve")).unwrap_err();
        assert_eq!(error.to_string(), "the key of `eve` is also the key of `ann`; give each its own");
    }
}

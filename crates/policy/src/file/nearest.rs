/// The candidate that `word` was most likely meant to be, if any is close.
pub(crate) fn nearest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let word = word.to_lowercase().replace('-', "_");
    let close = |candidate: &str| {
        let plain = candidate.replace('-', "_");
        let allowed = (word.chars().count().max(plain.chars().count()) / 3).max(1);
        let distance = distance(&word, &plain);
        let inside = word.len() >= 4 && plain.len() >= 4 && (plain.contains(&word) || word.contains(&plain));
        (distance <= allowed || inside).then_some(distance)
    };
    let scored = candidates.into_iter().filter_map(|candidate| close(candidate).map(|d| (d, candidate)));
    scored.min_by_key(|(distance, _)| *distance).map(|(_, candidate)| candidate)
}

/// How many letters to add, drop, change or swap with a neighbour (optimal string alignment).
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().take(64).collect(), b.chars().take(64).collect());
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    let at = |row: &[usize], index: usize| row.get(index).copied().unwrap_or(usize::MAX / 2);
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let mut best =
                (at(&above, j) + usize::from(x != y)).min(at(&above, j + 1) + 1).min(at(&row, j) + 1);
            let swapped = i > 0 && j > 0 && a.get(i - 1) == Some(y) && b.get(j - 1) == Some(x);
            if swapped {
                best = best.min(at(&before, j - 1) + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut above, row);
    }
    at(&above, b.len())
}

#[cfg(test)]
mod tests {
    use super::nearest;

    const KEYS: [&str; 5] = ["command", "args", "env", "url", "policy"];

    #[test]
    fn slips_find_their_key() {
        for (word, key) in [
            ("comand", "command"),
            ("cmmand", "command"),
            ("polcy", "policy"),
            ("ENV", "env"),
            ("arsg", "args"),
        ] {
            assert_eq!(nearest(word, KEYS), Some(key));
        }
    }

    #[test]
    fn a_word_of_its_own_finds_none() {
        for word in ["timeout", "xyz", "", "headers"] {
            assert_eq!(nearest(word, KEYS), None, "{word}");
        }
    }
}

use crate::names::visible;

/// Words longer than any we know are cut; nothing that is asked for starts with one.
const LONGEST: usize = 64;

/// The words of a text by clause: without case, invisible characters and look-alike letters, names such as
/// `apiKey` and `api_key` in their parts.
pub(super) fn clauses(text: &str) -> Vec<Vec<String>> {
    text.lines().flat_map(|line| clauses_of_line(&visible(&line.replace('\t', " ")))).collect()
}

fn clauses_of_line(text: &str) -> Vec<Vec<String>> {
    let mut clauses = Vec::new();
    let mut clause = Vec::new();
    let mut word = String::new();
    let mut characters = text.chars().peekable();
    let mut last = ' ';
    while let Some(character) = characters.next() {
        let next = characters.peek().copied().unwrap_or(' ');
        if !joins(last, character, next) {
            end_word(&mut word, &mut clause);
        }
        if character.is_alphanumeric() {
            if word.len() < LONGEST {
                word.extend(look(character).to_lowercase());
            }
        } else if ends_clause(character, next) {
            clauses.push(std::mem::take(&mut clause));
        }
        last = character;
    }
    end_word(&mut word, &mut clause);
    clauses.push(clause);
    clauses
}

fn end_word(word: &mut String, clause: &mut Vec<String>) {
    if !word.is_empty() {
        clause.push(std::mem::take(word));
    }
}

/// Whether `character` goes on with the word that `last` was in.
fn joins(last: char, character: char, next: char) -> bool {
    if matches!(character, '\'' | '’') {
        return true;
    }
    if !character.is_alphanumeric() {
        return false;
    }
    let hump =
        character.is_uppercase() && (last.is_lowercase() || last.is_uppercase() && next.is_lowercase());
    let number = last.is_alphabetic() && character.is_numeric();
    !hump && !number
}

/// A full stop in "api.key" ends nothing.
fn ends_clause(character: char, next: char) -> bool {
    match character {
        ';' | '!' | '?' | '。' | '！' | '？' | '，' => true,
        '.' | ',' | ':' => next.is_whitespace(),
        _ => false,
    }
}

/// The Latin letter that a Cyrillic or Greek one looks like.
fn look(character: char) -> char {
    match character {
        'а' | 'А' | 'α' | 'Α' => 'a',
        'В' | 'Β' => 'b',
        'с' | 'С' => 'c',
        'ԁ' => 'd',
        'е' | 'Е' | 'Ε' => 'e',
        'һ' | 'Н' | 'Η' => 'h',
        'і' | 'І' | 'ι' | 'Ι' => 'i',
        'к' | 'К' | 'κ' | 'Κ' => 'k',
        'М' | 'Μ' => 'm',
        'ո' | 'Ν' => 'n',
        'о' | 'О' | 'ο' | 'Ο' => 'o',
        'р' | 'Р' | 'ρ' | 'Ρ' => 'p',
        'ѕ' | 'Ѕ' => 's',
        'Т' | 'Τ' | 'τ' => 't',
        'ѵ' | 'ν' => 'v',
        'ԝ' => 'w',
        'х' | 'Х' | 'χ' | 'Χ' => 'x',
        'у' | 'У' | 'Υ' => 'y',
        other => other,
    }
}

//! `OS::Heat::RandomString`: its values.

use serde_json::{Map, Value, json};

/// The alphabets of a random string, with the minimum number of characters from each.
pub(super) fn alphabets(properties: &Map<String, Value>) -> Result<Vec<(String, usize)>, String> {
    const LETTERS: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let least = |item: &Value| {
        let least = item.get("min").and_then(Value::as_u64).unwrap_or(1);
        usize::try_from(least).unwrap_or(usize::MAX)
    };
    let list = |name| {
        properties
            .get(name)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
    };
    let mut alphabets = Vec::new();
    // The deprecated way to select one class.
    let sequence = properties
        .get("sequence")
        .map(|class| json!({"class": class}));
    for item in list("character_sequences") {
        let sequence = item
            .get("sequence")
            .and_then(Value::as_str)
            .unwrap_or_default();
        alphabets.push((sequence.to_owned(), least(item)));
    }
    for item in list("character_classes").chain(&sequence) {
        let class = item
            .get("class")
            .and_then(Value::as_str)
            .unwrap_or("lettersdigits");
        let members = match class {
            "lettersdigits" => format!("{LETTERS}0123456789"),
            "letters" => LETTERS.to_owned(),
            "lowercase" => "abcdefghijklmnopqrstuvwxyz".to_owned(),
            "uppercase" => "ABCDEFGHIJKLMNOPQRSTUVWXYZ".to_owned(),
            "digits" => "0123456789".to_owned(),
            "hexdigits" => "0123456789ABCDEF".to_owned(),
            "octdigits" => "01234567".to_owned(),
            other => return Err(format!("\"{other}\" is not an allowed value")),
        };
        alphabets.push((members, least(item)));
    }
    if !properties.contains_key("character_classes") && sequence.is_none() {
        alphabets.push((format!("{LETTERS}0123456789"), 1));
    }
    alphabets.retain(|(members, _)| !members.is_empty());
    let minimum = alphabets
        .iter()
        .fold(0_usize, |sum, (_, least)| sum.saturating_add(*least));
    if minimum > length(properties) {
        return Err(
            "Length property cannot be smaller than combined character class and \
                    character sequence minimums"
                .to_owned(),
        );
    }
    Ok(alphabets)
}

fn length(properties: &Map<String, Value>) -> usize {
    let length = properties
        .get("length")
        .and_then(Value::as_u64)
        .unwrap_or(32);
    usize::try_from(length).unwrap_or(32)
}

pub(super) fn string(properties: &Map<String, Value>) -> String {
    let alphabets = alphabets(properties).unwrap_or_default();
    let mut characters: Vec<char> = alphabets
        .iter()
        .flat_map(|(members, least)| {
            let members: Vec<char> = members.chars().collect();
            (0..*least).filter_map(move |_| fastrand::choice(&members).copied())
        })
        .collect();
    let all: Vec<char> = alphabets
        .iter()
        .flat_map(|(members, _)| members.chars())
        .collect();
    while characters.len() < length(properties) {
        match fastrand::choice(&all) {
            Some(character) => characters.push(*character),
            None => break,
        }
    }
    fastrand::shuffle(&mut characters);
    characters.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_strings_keep_to_length_and_classes() {
        let properties = json!({
            "length": 40,
            "character_classes": [{"class": "digits", "min": 3}, {"class": "uppercase", "min": 5}],
            "character_sequences": [{"sequence": "!?", "min": 2}],
        });
        let properties = properties.as_object().cloned().unwrap();
        for _ in 0..50 {
            let made = string(&properties);
            let text = made.as_str();
            let count = |is: fn(char) -> bool| text.chars().filter(|one| is(*one)).count();
            assert_eq!(text.len(), 40);
            assert!(count(|one| one.is_ascii_digit()) >= 3, "{text}");
            assert!(count(|one| one.is_ascii_uppercase()) >= 5, "{text}");
            assert!(count(|one| "!?".contains(one)) >= 2, "{text}");
            assert_eq!(count(|one| one.is_ascii_lowercase()), 0, "{text}");
        }
    }
}

//! Regular expressions in the `name` filter of resource types: the simple ones.

use super::error::{Refusal, Result};

/// A regular expression of characters, `.`, `*`, `+`, `?`, `^` and `$`.
pub(super) struct Pattern {
    pieces: Vec<Piece>,
    /// Whether it must match up to the end.
    to_end: bool,
}

struct Piece {
    /// The character; `None` for any.
    character: Option<char>,
    least: usize,
    most: usize,
}

impl Pattern {
    pub(super) fn parse(text: &str) -> Result<Self> {
        let text = text.strip_prefix('^').unwrap_or(text);
        let (text, to_end) = match text.strip_suffix('$') {
            Some(rest) if !rest.ends_with('\\') => (rest, true),
            _ => (text, false),
        };
        let mut pieces: Vec<Piece> = Vec::new();
        let mut characters = text.chars();
        while let Some(next) = characters.next() {
            let refused = || {
                let message = format!("The sandbox does not support the expression {text:?}");
                Refusal::bad_request(message)
            };
            let (least, most) = match next {
                '*' => (0, usize::MAX),
                '+' => (1, usize::MAX),
                '?' => (0, 1),
                _ => {
                    let character = match next {
                        '.' => None,
                        '\\' => {
                            let next = characters.next().filter(|next| !next.is_alphanumeric());
                            Some(next.ok_or_else(refused)?)
                        }
                        '[' | ']' | '(' | ')' | '{' | '}' | '|' | '^' | '$' => {
                            return Err(refused());
                        }
                        literal => Some(literal),
                    };
                    pieces.push(Piece {
                        character,
                        least: 1,
                        most: 1,
                    });
                    continue;
                }
            };
            let last = pieces.last_mut().ok_or_else(refused)?;
            if (last.least, last.most) != (1, 1) {
                return Err(refused());
            }
            (last.least, last.most) = (least, most);
        }
        Ok(Self { pieces, to_end })
    }

    /// Whether it matches at the start of a text, as Python's `re.match`.
    pub(super) fn matches_start(&self, text: &str) -> bool {
        // The positions that the pieces so far can reach.
        let characters: Vec<char> = text.chars().collect();
        let mut reached = vec![false; characters.len() + 1];
        if let Some(first) = reached.first_mut() {
            *first = true;
        }
        for piece in &self.pieces {
            let mut next = vec![false; reached.len()];
            for (start, _) in reached.iter().enumerate().filter(|(_, reached)| **reached) {
                let rest = characters.iter().skip(start);
                let fits =
                    rest.take_while(|found| piece.character.is_none_or(|own| own == **found));
                let longest = fits.take(piece.most).count();
                for length in piece.least..=longest {
                    if let Some(place) = next.get_mut(start + length) {
                        *place = true;
                    }
                }
            }
            reached = next;
        }
        match self.to_end {
            true => reached.last() == Some(&true),
            false => reached.contains(&true),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn simple_expressions_match_at_the_start() {
        for (pattern, matches) in [
            ("OS::Heat", true),
            ("Heat", false),
            (".*None", true),
            ("^OS::.+::None$", true),
            ("OS::Heat$", false),
            ("", true),
            ("OS::Hea?t:*None", true),
            ("OS::X*Heat", true),
            ("OS\\.", false),
        ] {
            let parsed = Pattern::parse(pattern).unwrap();
            assert_eq!(parsed.matches_start("OS::Heat::None"), matches, "{pattern}");
        }
        for pattern in ["[", "a|b", "*", "a**", "\\d"] {
            assert!(Pattern::parse(pattern).is_err(), "{pattern}");
        }
    }
}

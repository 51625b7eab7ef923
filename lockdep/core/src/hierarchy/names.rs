//! Rules about class names: subclasses, similarity, quoting.

/// The words that open a directive.
pub(super) const DIRECTIVES: [&str; 7] = ["closed", "open", "leaf", "nest", "read", "apart", "alias"];

/// Longer names are compared by their beginnings, so that a hostile file costs no quadratic time.
const COMPARED: usize = 128;

/// `X` for `X/1`.
pub(super) fn without_subclass(label: &str) -> Option<&str> {
    let (base, subclass) = label.rsplit_once('/')?;
    let digits = !subclass.is_empty() && subclass.bytes().all(|byte| byte.is_ascii_digit());
    (digits && !base.is_empty()).then_some(base)
}

/// The candidate that differs least, if it does not differ by more than a third. The last segment alone will do:
/// `i_pages` finds `Mapping::i_pages`.
#[must_use]
pub fn closest<'a>(name: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        let distance = match candidate.strip_suffix(name) {
            Some(rest) if !name.is_empty() && rest.ends_with([':', '.', '>']) => 0,
            _ => distance(name, candidate),
        };
        let limit = (name.chars().count().min(COMPARED) + 1) / 3;
        if distance <= limit && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// Edits between two names: insertions, deletions, substitutions; case counts for nothing.
fn distance(a: &str, b: &str) -> usize {
    let chars = |text: &str| text.chars().take(COMPARED).flat_map(char::to_lowercase).collect::<Vec<_>>();
    let (a, b) = (chars(a), chars(b));
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

/// Whether angle brackets pair up, arrows aside. Where they do not, a comma has probably cut a type in two.
pub(super) fn is_balanced(name: &str) -> bool {
    let name = name.replace("->", "").replace("=>", "");
    name.matches('<').count() == name.matches('>').count()
}

/// The name as an order file has to write it.
pub(super) fn quoted(name: &str) -> String {
    let inside = [",", "`", " (", " #", " or ", " -> ", " by ", " below ", " = "];
    let first = name.split(' ').next().unwrap_or("");
    let last = name.rsplit(' ').next().unwrap_or("");
    let words = ["or", "by", "below", "="];
    let quote = inside.iter().any(|part| name.contains(part))
        || name.starts_with(['#', '(', '*'])
        || name.starts_with("->")
        || name.trim() != name
        || DIRECTIVES.contains(&first)
        || words.contains(&first)
        || words.contains(&last)
        || name.contains(|c: char| c.is_whitespace() && c != ' ')
        || !is_balanced(name);
    if quote { format!("`{name}`") } else { name.to_owned() }
}

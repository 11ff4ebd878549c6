//! Where two values differ, for messages that a person can read.

use tonl::Value;

/// The first difference between two values, with its path; `None` if they are the same.
pub fn difference(left: &Value, right: &Value) -> Option<String> {
    differ(left, right, "$")
}

fn differ(left: &Value, right: &Value, path: &str) -> Option<String> {
    match (left, right) {
        (Value::Array(a), Value::Array(b)) => a
            .iter()
            .zip(b)
            .enumerate()
            .find_map(|(at, (a, b))| differ(a, b, &format!("{path}[{at}]")))
            .or_else(|| lengths(path, a.len(), b.len())),
        (Value::Object(a), Value::Object(b)) => a
            .iter()
            .zip(b.iter())
            .find_map(|((key, a), (other, b))| {
                if key == other {
                    return differ(a, b, &format!("{path}.{key:?}"));
                }
                Some(format!("{path}: the key {key:?} or {other:?}"))
            })
            .or_else(|| lengths(path, a.len(), b.len())),
        _ if left == right => None,
        _ => Some(format!("{path}: {left:?} or {right:?}")),
    }
}

fn lengths(path: &str, left: usize, right: usize) -> Option<String> {
    (left != right).then(|| format!("{path}: {left} or {right} elements"))
}

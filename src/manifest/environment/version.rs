//! Versions of Python packages (PEP 440): whether two texts mean the same one.

/// A version whose parts can be compared (PEP 440, appendix B), without its local part.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Public {
    epoch: String,
    /// Without zeros at its end: `1.6` is `1.6.0`.
    release: Vec<String>,
    pre: Option<(char, String)>,
    post: Option<String>,
    dev: Option<String>,
}

/// Whether two versions are the same one: `1.6` and `1.6.0`, `1.6.1rc1` and `1.6.1-RC.1`. A local part (`+cpu`) counts only
/// if both have one. Texts that are no versions are the same if they are equal.
///
/// ```
/// use coldload::manifest::environment::agree;
/// assert!(agree("1.6.1", "v1.6.1") && agree("2.3.0+cpu", "2.3.0"));
/// assert!(!agree("1.6.1", "1.6.10") && !agree("2.3.0+cpu", "2.3.0+cu121"));
/// ```
pub fn agree(one: &str, other: &str) -> bool {
    let (Some((one, local)), Some((other, other_local))) = (parse(one), parse(other)) else { return one == other };
    one == other && (local.is_none() || other_local.is_none() || local == other_local)
}

fn parse(text: &str) -> Option<(Public, Option<String>)> {
    let text = text.trim().to_ascii_lowercase();
    let text = text.strip_prefix('v').unwrap_or(&text);
    let (public, local) = match text.split_once('+') {
        Some((public, local)) => (public, Some(local_part(local)?)),
        None => (text, None),
    };
    let (epoch, rest) = match public.split_once('!') {
        Some((epoch, rest)) => (number(epoch)?, rest),
        None => (String::new(), public),
    };
    let mut rest = Rest(rest);
    let mut release = vec![rest.digits()?];
    while let Some(part) = rest.part(|rest| rest.literal(".").then(|| rest.digits()).flatten()) {
        release.push(part);
    }
    while release.len() > 1 && release.last().is_some_and(String::is_empty) {
        release.pop();
    }
    let pre = rest.part(|rest| {
        rest.separator();
        let names = [
            ("alpha", 'a'),
            ("a", 'a'),
            ("beta", 'b'),
            ("b", 'b'),
            ("preview", 'c'),
            ("pre", 'c'),
            ("rc", 'c'),
            ("c", 'c'),
        ];
        let (_, letter) = names.into_iter().find(|(name, _)| rest.literal(name))?;
        Some((letter, rest.numbered()))
    });
    let post = rest.part(|rest| {
        if rest.part(|rest| rest.literal("-").then_some(())).is_some()
            && let Some(post) = rest.digits()
        {
            return Some(post);
        }
        rest.separator();
        ["post", "rev", "r"].into_iter().any(|name| rest.literal(name)).then(|| rest.numbered())
    });
    let dev = rest.part(|rest| {
        rest.separator();
        rest.literal("dev").then(|| rest.numbered())
    });
    rest.0.is_empty().then_some((Public { epoch, release, pre, post, dev }, local))
}

/// What was not read yet.
struct Rest<'a>(&'a str);

impl Rest<'_> {
    /// Reads a part, or nothing at all of it.
    fn part<T>(&mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        let before = self.0;
        let part = read(self);
        if part.is_none() {
            self.0 = before;
        }
        part
    }

    fn literal(&mut self, text: &str) -> bool {
        let rest = self.0.strip_prefix(text);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    fn separator(&mut self) {
        self.0 = self.0.strip_prefix(['.', '_', '-']).unwrap_or(self.0);
    }

    fn digits(&mut self) -> Option<String> {
        let rest = self.0.trim_start_matches(|c: char| c.is_ascii_digit());
        let digits = self.0.strip_suffix(rest)?;
        self.0 = rest;
        number(digits)
    }

    /// The number behind a name; none is zero.
    fn numbered(&mut self) -> String {
        let number = |rest: &mut Self| {
            rest.separator();
            rest.digits()
        };
        self.part(number).unwrap_or_default()
    }
}

/// Digits without zeros in front, so that zero is nothing.
fn number(digits: &str) -> Option<String> {
    let whole = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit());
    whole.then(|| digits.trim_start_matches('0').to_owned())
}

fn local_part(local: &str) -> Option<String> {
    let part = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let parts: Vec<&str> = local.split(['.', '_', '-']).collect();
    let plain = |text: &&str| number(text).unwrap_or_else(|| (*text).to_owned());
    parts.iter().all(|text| part(text)).then(|| parts.iter().map(plain).collect::<Vec<_>>().join("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As `packaging.version.Version` of packaging 24 compares, but for local parts.
    #[test]
    fn spellings_of_one_version_agree() {
        for (one, other) in [
            ("1.6.1", "1.6.1"),
            ("1.6", "1.6.0.0"),
            ("v1.6.1", "1.6.1"),
            ("01.6.1", "1.06.1"),
            ("0!1.6", "1.6"),
            ("1.6.1rc1", "1.6.1-RC.1"),
            ("1.6.1c1", "1.6.1pre1"),
            ("1.0a", "1.0alpha0"),
            ("1.0.post1", "1.0-1"),
            ("1.0.post1", "1.0rev1"),
            ("1.0dev", "1.0.dev0"),
            ("1.0b2.post345.dev456", "1.0beta2-345_dev456"),
            ("1.0+Ubuntu.1", "1.0+ubuntu-01"),
            ("1.0+cpu", "1.0"),
            ("not a version", "not a version"),
        ] {
            assert!(agree(one, other) && agree(other, one), "{one} {other}");
        }
    }

    #[test]
    fn other_versions_do_not() {
        for (one, other) in [
            ("1.6.1", "1.6.2"),
            ("1.6.1", "1.6.10"),
            ("1.6", "1!1.6"),
            ("1.6.1", "1.6.1rc1"),
            ("1.6.1", "1.6.1.post1"),
            ("1.6.1", "1.6.1.dev0"),
            ("1.0a1", "1.0b1"),
            ("1.0+cpu", "1.0+cu121"),
            ("1.6.1", "1.6.1junk"),
            ("1.6.1", ""),
            ("1.6.1", "1.6.*"),
            ("0.10", "0.1"),
        ] {
            assert!(!agree(one, other) && !agree(other, one), "{one} {other}");
        }
    }
}

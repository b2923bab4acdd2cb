// Puts each text where it is asked for; part of `build.rs`.
//
// leptos_i18n 0.6 keeps a language's texts in one array and has a constant for each use of one, which takes it out of the array.
// The compiler evaluates each of those constants, and goes through the whole array to check it: with 1,600 texts in four
// languages that is 18 million texts, and most of the time that the crate takes to compile.

const CONSTANT: &str = "# [allow (unused)] const I18N_TRANSLATIONS : ";
const OF_LOCALE: (&str, &str) = (":: __get_", "_translations__ () ;");
const USE: &str = "{ const S : & str = l_i18n_crate :: __private :: index_translations :: < ";
const USED: &str = "usize > (I18N_TRANSLATIONS) ; S }";
const UNIT: &str = "TranslationUnit for I18nKeys_";
const TABLE: (&str, &str) = ("const STRINGS : & [& str ; ", " = & [");

/// The generated code with its texts in place. An error says what in it is not as expected.
fn in_place(code: &str) -> Result<String, String> {
    let mut tables: Vec<(&str, Vec<&str>)> = Vec::new();
    for unit in code.split(UNIT).skip(1) {
        let (locale, rest) = unit.split_once(" {").ok_or("a language without a name")?;
        let (_, rest) = rest.split_once(TABLE.0).ok_or("a language without a table")?;
        let (_, rest) = rest.split_once(TABLE.1).ok_or("a table without texts")?;
        tables.push((locale, literals(rest)?));
    }
    let mut made = String::with_capacity(code.len());
    let mut table: Option<&[&str]> = None;
    let mut rest = code;
    while let Some(at) = [rest.find(CONSTANT), rest.find(USE)].into_iter().flatten().min() {
        let (before, found) = rest.split_at(at);
        made.push_str(before);
        if let Some(constant) = found.strip_prefix(CONSTANT) {
            let (constant, after) = constant.split_once(OF_LOCALE.1).ok_or("a constant of no language")?;
            let (_, locale) = constant.rsplit_once(OF_LOCALE.0).ok_or("a constant of no language")?;
            table = tables.iter().find(|(name, _)| *name == locale).map(|(_, texts)| &**texts);
            rest = after;
        } else {
            let (used, after) = found[USE.len()..].split_once(USED).ok_or("a use of no text")?;
            let number = used.rsplit_once(", ").and_then(|(_, number)| number.trim().parse::<usize>().ok());
            let text = number.zip(table).and_then(|(number, table)| table.get(number)).ok_or("a text of no number")?;
            made.push_str(text);
            rest = after;
        }
    }
    made.push_str(rest);
    if made.contains("index_translations") { Err("a text that is used in another way".to_owned()) } else { Ok(made) }
}

/// The string literals of an array, up to its end.
fn literals(mut rest: &str) -> Result<Vec<&str>, String> {
    let mut all = Vec::new();
    loop {
        rest = rest.trim_start_matches([' ', ',']);
        if rest.starts_with(']') {
            return Ok(all);
        }
        let mut escaped = false;
        let end = rest.char_indices().skip(1).find(|(_, c)| {
            let ends = *c == '"' && !escaped;
            escaped = *c == '\\' && !escaped;
            ends
        });
        let (end, _) = end.filter(|_| rest.starts_with('"')).ok_or("an array of something else than texts")?;
        let (text, after) = rest.split_at(end + 1);
        all.push(text);
        rest = after;
    }
}

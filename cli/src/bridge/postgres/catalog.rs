//! Which tables a publication has, and what names their rows.

use std::collections::BTreeMap;

use pgwire_replication::{PgWireError, ReplicationClient};

use super::{Fault, Options, fault, text};

/// A table of the publication.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// Whether its rows lie in partitions.
    pub is_partitioned: bool,
    /// Which of its rows are published, as SQL.
    pub filter: Option<String>,
    /// What is published of a row.
    pub columns: Vec<Column>,
}

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// The number of its type.
    pub kind: u32,
    /// Its place in the primary key.
    pub primary: Option<u32>,
    /// Whether the log says what it was in a row that is deleted.
    pub is_logged: bool,
}

impl Table {
    /// The columns that name a row's item, in their order.
    pub fn key_columns<'t>(&'t self, chosen: &'t [String]) -> Vec<&'t str> {
        if !chosen.is_empty() {
            return chosen.iter().map(String::as_str).collect();
        }
        let mut primary: Vec<_> =
            self.columns.iter().filter_map(|column| Some((column.primary?, column.name.as_str()))).collect();
        primary.sort_unstable();
        primary.into_iter().map(|(_, name)| name).collect()
    }
}

/// The tables of a publication by their numbers.
pub type Tables = BTreeMap<u32, Table>;

/// Text as SQL has it.
pub fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// A name as SQL has it.
pub fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Reads them. What PostgreSQL 14 does not know of publications yet is asked for in a way that it does not mind.
pub async fn read(client: &mut ReplicationClient, publication: &str) -> Result<Tables, PgWireError> {
    let sql = format!(
        "SELECT c.oid, n.nspname, c.relname, c.relkind, to_jsonb(p)->>'rowfilter', a.attname, a.atttypid, \
         (SELECT array_position(i.indkey::int2[], a.attnum) FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary), \
         CASE c.relreplident WHEN 'f' THEN true WHEN 'n' THEN false ELSE EXISTS (SELECT 1 FROM pg_index i \
         WHERE i.indrelid = c.oid AND a.attnum = ANY(i.indkey) \
         AND CASE c.relreplident WHEN 'd' THEN i.indisprimary ELSE i.indisreplident END) END \
         FROM pg_publication_tables p \
         JOIN pg_namespace n ON n.nspname = p.schemaname \
         JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = p.tablename \
         JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' \
         WHERE p.pubname = {} AND coalesce(to_jsonb(p)->'attnames' ? a.attname::text, true) \
         ORDER BY c.oid, a.attnum",
        literal(publication)
    );
    let mut tables = Tables::new();
    for row in client.simple_query(&sql).await? {
        let cell = |place: usize| row.get(place).and_then(Option::as_ref).map(text);
        let whole = |place: usize| cell(place).and_then(|text| text.parse::<u32>().ok());
        let Some(number) = whole(0) else { continue };
        let table = tables.entry(number).or_insert_with(|| Table {
            schema: cell(1).unwrap_or_default(),
            name: cell(2).unwrap_or_default(),
            is_partitioned: cell(3).as_deref() == Some("p"),
            filter: cell(4),
            columns: Vec::new(),
        });
        table.columns.push(Column {
            name: cell(5).unwrap_or_default(),
            kind: whole(6).unwrap_or_default(),
            primary: whole(7),
            is_logged: cell(8).as_deref() == Some("t"),
        });
    }
    Ok(tables)
}

/// Reads and checks them.
pub async fn checked(client: &mut ReplicationClient, options: &Options) -> Result<Tables, Fault> {
    let tables = read(client, &options.publication).await.map_err(|error| fault(&error))?;
    match complaint(&tables, options) {
        Some(why) => Err(Fault::Fatal(why)),
        None => Ok(tables),
    }
}

/// Why these tables can't be items of one board, and what to do about it.
fn complaint(tables: &Tables, options: &Options) -> Option<String> {
    if tables.is_empty() {
        let name = &options.publication;
        return Some(format!(
            "there is no publication `{name}` with a table in it: CREATE PUBLICATION {name} FOR TABLE …"
        ));
    }
    if tables.len() > 1 && !options.table_in_key && options.key_columns.is_empty() {
        let names: Vec<&str> = tables.values().map(|table| table.name.as_str()).collect();
        return Some(format!(
            "the publication has several tables ({}), and rows of them may have the same key: put the table's name before the \
             key with --table-in-key, or say with --key-column which columns name the same things in all of them",
            names.join(", ")
        ));
    }
    tables.values().find_map(|table| table_complaint(table, options))
}

fn table_complaint(table: &Table, options: &Options) -> Option<String> {
    let name = &table.name;
    let keys = table.key_columns(&options.key_columns);
    if keys.is_empty() {
        return Some(format!("the table `{name}` has no primary key: say with --key-column what names its rows"));
    }
    let find = |wanted: &str| table.columns.iter().find(|column| column.name == wanted);
    for key in keys {
        let Some(column) = find(key) else {
            return Some(format!("the table `{name}` publishes no column `{key}`"));
        };
        if !column.is_logged && !options.keep_deleted {
            return Some(format!(
                "the log of PostgreSQL would not say which `{key}` a deleted row of `{name}` had: \
                 ALTER TABLE {name} REPLICA IDENTITY FULL, or keep the items of deleted rows with --keep-deleted"
            ));
        }
    }
    let time = options.time_column.as_deref()?;
    match find(time) {
        Some(column) if super::row::is_time(column.kind) => None,
        Some(_) => Some(format!("the column `{time}` of `{name}` is no timestamp")),
        None => Some(format!("the table `{name}` publishes no column `{time}`")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(name: &str, primary: Option<u32>, is_logged: bool) -> Column {
        Column { name: name.to_owned(), kind: 25, primary, is_logged }
    }

    fn table(columns: Vec<Column>) -> Table {
        Table { schema: "public".to_owned(), name: "cars".to_owned(), is_partitioned: false, filter: None, columns }
    }

    #[test]
    fn a_key_follows_the_primary_key_and_not_the_table() {
        let two = table(vec![column("b", Some(1), true), column("c", None, false), column("a", Some(0), true)]);
        assert_eq!(two.key_columns(&[]), ["a", "b"]);
        assert_eq!(two.key_columns(&["c".to_owned()]), ["c"]);
    }

    #[test]
    fn what_cannot_work_says_what_to_do() {
        let options = Options::for_tests();
        let why = |tables: &Tables, options: &Options| complaint(tables, options).unwrap_or_default();
        assert!(why(&Tables::new(), &options).contains("CREATE PUBLICATION pub FOR TABLE"));
        let one = Tables::from([(1, table(vec![column("id", Some(0), true), column("code", None, false)]))]);
        assert_eq!(complaint(&one, &options), None);
        let by_code = Options { key_columns: vec!["code".to_owned()], ..options.clone() };
        assert!(why(&one, &by_code).contains("ALTER TABLE cars REPLICA IDENTITY FULL"));
        assert_eq!(complaint(&one, &Options { keep_deleted: true, ..by_code.clone() }), None);
        assert!(
            why(&one, &Options { key_columns: vec!["no".to_owned()], ..options.clone() }).contains("no column `no`")
        );
        assert!(
            why(&one, &Options { time_column: Some("code".to_owned()), ..options.clone() }).contains("no timestamp")
        );
        let bare = Tables::from([(1, table(vec![column("id", None, false)]))]);
        assert!(why(&bare, &options).contains("no primary key"));
        let two = Tables::from([(1, one[&1].clone()), (2, one[&1].clone())]);
        assert!(why(&two, &options).contains("--table-in-key"));
        assert_eq!(complaint(&two, &Options { table_in_key: true, ..options }), None);
    }

    #[test]
    fn names_and_text_stay_within_their_quotes() {
        assert_eq!(literal("o'; DROP"), "'o''; DROP'");
        assert_eq!(identifier("a\"b"), "\"a\"\"b\"");
    }
}

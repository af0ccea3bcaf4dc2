//! The versions of HOT, and the features that some of them added.

/// The versions of HOT in their order, with the release names that some of them have.
pub(super) const VERSIONS: [(&str, Option<&str>); 11] = [
    ("2013-05-23", None),
    ("2014-10-16", None),
    ("2015-04-30", None),
    ("2015-10-15", None),
    ("2016-04-08", None),
    ("2016-10-14", Some("newton")),
    ("2017-02-24", Some("ocata")),
    ("2017-09-01", Some("pike")),
    ("2018-03-02", Some("queens")),
    ("2018-08-31", Some("rocky")),
    ("2021-04-16", Some("wallaby")),
];

/// From this version on, `get_attr` needs no attribute.
pub(super) const LIBERTY: usize = 3;
/// From this version on, HOT has conditions, external resources, and deletion policies in lower case.
pub(super) const NEWTON: usize = 5;
/// From this version on, HOT has the constraint `modulo`.
pub(super) const OCATA: usize = 6;
/// From this version on, parameters have tags.
pub(super) const QUEENS: usize = 8;

/// The date of a version, by its index.
pub(super) fn date(version: usize) -> &'static str {
    VERSIONS.get(version).map_or("", |(date, _)| date)
}

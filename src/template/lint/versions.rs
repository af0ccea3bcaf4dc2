//! The versions of HOT, and what came with which of them.

/// The versions of HOT in their order, with the releases that name some of them.
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

/// From here on `get_attr` needs no attribute in HOT.
pub(super) const LIBERTY: usize = 3;
/// From here on HOT has conditions, external resources, and deletion policies in lower case.
pub(super) const NEWTON: usize = 5;
/// From here on HOT has the constraint `modulo`.
pub(super) const OCATA: usize = 6;
/// From here on parameters in HOT have tags.
pub(super) const QUEENS: usize = 8;

/// The date that names a version, by its place.
pub(super) fn date(version: usize) -> &'static str {
    VERSIONS.get(version).map_or("", |(date, _)| date)
}

//! Version documents: the API versions that a service offers.

use std::fmt;

use bytes::Bytes;
use http::{HeaderMap, Uri, header};
use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::catalog::access::{items, text};
use crate::catalog::links::Base;
use crate::catalog::{ApiVersion, DiscoveryOptions, VersionRange};
use crate::error::{Error, ErrorKind, Result};
use crate::json;
use crate::suggest::listed;

/// The versions that a service offers, oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionDocument {
    versions: Vec<Version>,
}

/// One version of a service's API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Version {
    /// Major and minor version.
    pub version: ApiVersion,
    /// The support status.
    pub status: VersionStatus,
    /// The support status as the service writes it.
    pub raw_status: String,
    /// The URL, on the host that sent the document.
    #[serde(serialize_with = "as_text")]
    pub url: Uri,
    /// The URL of the list of versions, if the service names one.
    #[serde(serialize_with = "as_optional_text")]
    pub collection: Option<Uri>,
    /// The lowest microversion.
    pub min_microversion: Option<ApiVersion>,
    /// The highest microversion.
    pub max_microversion: Option<ApiVersion>,
    /// The lowest microversion of a future release.
    pub next_min_version: Option<ApiVersion>,
    /// The earliest date of that release, as the service writes it: `2027-04-01`.
    pub not_before: Option<String>,
}

/// The support status of a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "UPPERCASE")]
#[non_exhaustive]
pub enum VersionStatus {
    /// The recommended version (`CURRENT`, `stable`).
    Current,
    /// Supported.
    Supported,
    /// Deprecated, but usable.
    Deprecated,
    /// May change or be removed.
    Experimental,
    /// Any other status.
    Unknown,
}

impl VersionStatus {
    /// Whether a client may choose the version automatically, by default.
    pub fn is_usable(self) -> bool {
        DiscoveryOptions::default().allows(self)
    }

    fn read(text: &str) -> Self {
        match text.to_ascii_lowercase().as_str() {
            "current" | "stable" => Self::Current,
            "supported" => Self::Supported,
            "deprecated" => Self::Deprecated,
            "experimental" => Self::Experimental,
            _ => Self::Unknown,
        }
    }
}

/// As services write it: `CURRENT`.
impl fmt::Display for VersionStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Current => "CURRENT",
            Self::Supported => "SUPPORTED",
            Self::Deprecated => "DEPRECATED",
            Self::Experimental => "EXPERIMENTAL",
            Self::Unknown => "UNKNOWN",
        })
    }
}

impl VersionDocument {
    /// Parses the document found at `url`, in any of the formats of OpenStack services.
    ///
    /// Invalid entries are left out. Links are resolved to paths on the document's own host, since
    /// services behind a proxy often link to hosts that only they can reach.
    ///
    /// # Errors
    /// [`ErrorKind::Discovery`] if it is not a version document.
    pub fn parse(url: &Uri, headers: &HeaderMap, body: &Bytes) -> Result<Self> {
        let refuse = |what: &str| {
            Error::new(
                ErrorKind::Discovery,
                format!("expected a version document, got {what}; check the URL"),
            )
            .after_sending()
        };
        let Ok(document) = json::from_slice::<Value>(body) else {
            let content_type = headers
                .get(header::CONTENT_TYPE)
                .and_then(|v| v.to_str().ok());
            return Err(refuse(match content_type {
                Some(other) if !other.contains("json") => other,
                _ if body.is_empty() => "an empty response",
                _ => "text that is not JSON",
            }));
        };
        let base = Base::of(url)?;
        let entry = |value: &Value| Version::read(&base, value);
        let mut versions: Vec<Version> = match (document.get("versions"), document.get("version")) {
            (Some(Value::Array(list)), _) => list.iter().filter_map(entry).collect(),
            (Some(wrapped @ Value::Object(_)), _) => {
                items(wrapped, "values").filter_map(entry).collect()
            }
            (None, Some(single)) => entry(single).into_iter().collect(),
            (None, None) if document.get("id").is_some() => {
                Version::read_bare(&base, &document, headers)
                    .into_iter()
                    .collect()
            }
            _ => return Err(refuse("other JSON")),
        };
        versions.sort_by_key(|version| version.version);
        Ok(Self { versions })
    }

    /// The newest usable version in the range.
    pub fn choose(&self, versions: impl Into<VersionRange>) -> Option<&Version> {
        self.choose_with(versions.into(), DiscoveryOptions::default())
    }

    /// The newest version in the range with a status that the options allow.
    pub(super) fn choose_with(
        &self,
        versions: VersionRange,
        options: DiscoveryOptions,
    ) -> Option<&Version> {
        self.allowed(options)
            .find(|version| versions.accepts_newest(version.version))
    }

    /// The versions with a status that the options allow, newest first.
    pub(super) fn allowed(&self, options: DiscoveryOptions) -> impl Iterator<Item = &Version> {
        let newest_first = self.versions.iter().rev();
        newest_first.filter(move |version| options.allows(version.status))
    }

    /// All versions, oldest first.
    pub fn versions(&self) -> &[Version] {
        &self.versions
    }

    /// The offered versions, for error messages: `v2.0, v3.14`.
    pub(crate) fn offer(&self) -> String {
        if self.versions.is_empty() {
            return "none".to_owned();
        }
        listed(self.versions.iter().map(|v| {
            let note = match v.status {
                VersionStatus::Experimental => " experimental",
                VersionStatus::Unknown => " of unknown status",
                _ => "",
            };
            format!("v{}{note}", v.version)
        }))
    }
}

impl Version {
    /// Parses an entry; `None` if it lacks an id, a status or a `self` link.
    fn read(base: &Base, entry: &Value) -> Option<Self> {
        let link = |name: &str| {
            let mut links = items(entry, "links");
            let link = links
                .find(|link| text(link, "rel").is_some_and(|rel| rel.eq_ignore_ascii_case(name)))?;
            base.rebase(link.get("href")?.as_str()?)
        };
        let raw_status = text(entry, "status")?;
        Some(Self {
            version: ApiVersion::number(&text(entry, "id")?)?,
            status: VersionStatus::read(&raw_status),
            raw_status,
            url: link("self")?,
            collection: link("collection"),
            min_microversion: microversion(entry, "min_version"),
            max_microversion: microversion(entry, "max_version")
                .or_else(|| microversion(entry, "version")),
            next_min_version: microversion(entry, "next_min_version"),
            not_before: text(entry, "not_before"),
        })
    }

    /// Parses the document of older Ironic: a single entry, with its microversions in headers.
    fn read_bare(base: &Base, entry: &Value, headers: &HeaderMap) -> Option<Self> {
        let mut entry = entry.clone();
        entry
            .as_object_mut()?
            .insert("status".to_owned(), Value::from("CURRENT"));
        let mut version = Self::read(base, &entry)?;
        let header = |end: &str| {
            headers
                .iter()
                .find(|(name, _)| {
                    name.as_str().starts_with("x-openstack") && name.as_str().ends_with(end)
                })
                .and_then(|(_, value)| ApiVersion::number(value.to_str().ok()?))
        };
        version.min_microversion = version
            .min_microversion
            .or_else(|| header("api-minimum-version"));
        version.max_microversion = version
            .max_microversion
            .or_else(|| header("api-maximum-version"));
        Some(version)
    }
}

fn microversion(entry: &Value, key: &str) -> Option<ApiVersion> {
    ApiVersion::number(&text(entry, key)?)
}

/// Serializes a URL as text.
pub(super) fn as_text<S: Serializer>(url: &Uri, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(url)
}

/// Serializes a URL that may be missing as text.
pub(super) fn as_optional_text<S: Serializer>(
    url: &Option<Uri>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match url {
        Some(url) => serializer.collect_str(url),
        None => serializer.serialize_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn parse_at(url: &str, document: &Value) -> Result<VersionDocument> {
        let body = Bytes::from(document.to_string());
        VersionDocument::parse(&url.parse().unwrap(), &HeaderMap::new(), &body)
    }

    fn entry(id: &str, status: &str, href: &str) -> Value {
        json!({"id": id, "status": status, "links": [{"rel": "self", "href": href}]})
    }

    fn ids(document: &VersionDocument) -> Vec<(u32, u32)> {
        let numbers = |version: &Version| {
            let version = version.version;
            (version.major().unwrap(), version.minor().unwrap())
        };
        document.versions().iter().map(numbers).collect()
    }

    #[test]
    fn every_shape_is_read() {
        let v2 = entry("v2.0", "deprecated", "http://h/v2.0/");
        let v3 = entry("v3.14", "stable", "http://h/v3/");
        let mut linked = v3.clone();
        linked["links"] = json!([
            {"rel": "describedby", "href": "http://docs/"},
            {"rel": "SELF", "href": "http://h/v3/"},
        ]);
        let cases = [
            (
                json!({"versions": {"values": [v3, v2]}}),
                &[(2, 0), (3, 14)][..],
            ),
            (json!({"versions": [v2, v3]}), &[(2, 0), (3, 14)]),
            (json!({"version": v3}), &[(3, 14)]),
            (
                json!({"id": "v1", "links": [{"rel": "self", "href": "http://h/v1/"}]}),
                &[(1, 0)],
            ),
            (json!({"versions": [linked]}), &[(3, 14)]),
            (json!({"versions": []}), &[]),
            (json!({"versions": {"values": []}}), &[]),
            (json!({"versions": {}}), &[]),
            (json!({"version": {}}), &[]),
            (json!({"id": 17}), &[]),
        ];
        for (document, expected) in cases {
            assert_eq!(
                ids(&parse_at("http://h/", &document).unwrap()),
                expected,
                "{document}"
            );
        }
    }

    /// keystoneauth ignores the whole document, or crashes.
    #[test]
    fn a_bad_entry_does_not_spoil_the_others() {
        let good = entry("v1.0", "CURRENT", "v1/");
        let bad = [
            json!(null),
            json!(17),
            json!("v1"),
            json!([]),
            json!({}),
            json!({"id": "v2", "status": "CURRENT"}),
            json!({"id": "v2", "links": [{"rel": "self", "href": "v2/"}]}),
            json!({"status": "CURRENT", "links": [{"rel": "self", "href": "v2/"}]}),
            json!({"id": "v2", "status": "CURRENT", "links": [{"rel": "next", "href": "v2/"}]}),
            json!({"id": "v2", "status": "CURRENT", "links": {"rel": "self", "href": "v2/"}}),
            json!({"id": "v2", "status": "CURRENT", "links": [{"rel": "self"}]}),
            json!({"id": "v2", "status": "CURRENT", "links": [{"rel": "self", "href": 17}]}),
            entry("", "CURRENT", "v2/"),
            entry("next", "CURRENT", "v2/"),
            entry("v2.x", "CURRENT", "v2/"),
            entry("v99999999999", "CURRENT", "v2/"),
            entry("v-2", "CURRENT", "v2/"),
            entry("v2", "", "v2/"),
            entry("v2", "CURRENT", ""),
            entry("v2", "CURRENT", "http://"),
            entry("v2", "CURRENT", "http://[::/v2/"),
            entry("v2", "CURRENT", "mailto:someone"),
        ];
        for bad in bad {
            let document = json!({"versions": [bad, good]});
            assert_eq!(
                ids(&parse_at("http://h/", &document).unwrap()),
                [(1, 0)],
                "{bad}"
            );
        }
    }

    #[test]
    fn what_is_no_document_is_refused() {
        for other in [
            json!([]),
            json!([{"id": "v1"}]),
            json!(17),
            json!("v1"),
            json!(null),
            json!({}),
            json!({"versions": null}),
        ] {
            let error = parse_at("http://h/", &other).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Discovery);
            assert_eq!(
                error.to_string(),
                "expected a version document, got other JSON; check the URL",
                "{other}"
            );
        }
        for (content_type, body, got) in [
            ("text/html", "<html>", "text/html"),
            ("application/json", "", "an empty response"),
            ("application/json", "{", "text that is not JSON"),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, content_type.parse().unwrap());
            let error = VersionDocument::parse(
                &Uri::from_static("http://h/"),
                &headers,
                &Bytes::from(body),
            )
            .unwrap_err();
            assert_eq!(
                error.to_string(),
                format!("expected a version document, got {got}; check the URL")
            );
        }
    }

    #[test]
    fn the_newest_usable_version_is_chosen() {
        let document = parse_at(
            "http://h/",
            &json!({"versions": [
                entry("v2.1", "CURRENT", "v2.1/"),
                entry("v2.0", "SUPPORTED", "v2/"),
                entry("v2.9", "EXPERIMENTAL", "v2.9/"),
                entry("v3.0", "weird", "v3/"),
                entry("v1.0", "deprecated", "v1/"),
            ]}),
        )
        .unwrap();
        let chosen = |major: u32| {
            document
                .choose(major)
                .map(|version| version.url.to_string())
        };
        assert_eq!(chosen(1).as_deref(), Some("http://h/v1/"));
        assert_eq!(chosen(2).as_deref(), Some("http://h/v2.1/"));
        assert_eq!((chosen(3), chosen(4)), (None, None));
        assert_eq!(
            document.offer(),
            "v1.0, v2.0, v2.1, v2.9 experimental, v3.0 of unknown status"
        );
    }

    /// keystoneauth raises an IndexError.
    #[test]
    fn a_document_of_experiments_offers_nothing() {
        let document = parse_at(
            "http://h/",
            &json!({"versions": [entry("v1", "EXPERIMENTAL", "v1/")]}),
        )
        .unwrap();
        assert_eq!(document.choose(1), None);
        assert_eq!(document.choose(VersionRange::LATEST), None);
        assert_eq!(document.choose(VersionRange::ANY), None);
        assert_eq!(
            parse_at("http://h/", &json!({"versions": []}))
                .unwrap()
                .offer(),
            "none"
        );
    }

    #[test]
    fn microversions_are_read_from_body_and_headers() {
        let range = |document: &Value, headers: &[(&'static str, &str)]| {
            let headers = headers
                .iter()
                .map(|(n, v)| (n.parse().unwrap(), v.parse().unwrap()))
                .collect();
            let body = Bytes::from(document.to_string());
            let document =
                VersionDocument::parse(&Uri::from_static("http://h/"), &headers, &body).unwrap();
            let version = &document.versions()[0];
            (version.min_microversion, version.max_microversion)
        };
        let with = |extra: Value| {
            let mut entry = entry("v2.1", "CURRENT", "v2.1/");
            entry
                .as_object_mut()
                .unwrap()
                .extend(extra.as_object().unwrap().clone());
            json!({"versions": [entry]})
        };
        let both = (Some((2, 1).into()), Some((2, 90).into()));
        assert_eq!(
            range(
                &with(json!({"min_version": "2.1", "max_version": "2.90"})),
                &[]
            ),
            both
        );
        assert_eq!(
            range(&with(json!({"min_version": "2.1", "version": "2.90"})), &[]),
            both
        );
        assert_eq!(
            range(
                &with(json!({"min_version": "2.1", "max_version": "2.90", "version": "x"})),
                &[]
            ),
            both
        );
        assert_eq!(
            range(&with(json!({"min_version": "", "version": ""})), &[]),
            (None, None)
        );
        assert_eq!(
            range(&with(json!({"min_version": "low", "version": 2.90})), &[]),
            (None, None)
        );
        let ironic = json!({"id": "v1", "links": [{"rel": "self", "href": "http://h/v1/"}]});
        let headers = [
            ("x-openstack-ironic-api-minimum-version", "1.1"),
            ("x-openstack-ironic-api-maximum-version", "1.58"),
        ];
        let both = (Some((1, 1).into()), Some((1, 58).into()));
        assert_eq!(range(&ironic, &headers), both);
    }
}

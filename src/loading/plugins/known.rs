//! The names of keystoneauth's auth plugins, to tell unsupported plugins from typing errors.

/// A plugin of other OpenStack tools.
#[derive(Debug, Clone, Copy)]
pub(in crate::loading) struct Known {
    pub(in crate::loading) name: &'static str,
    /// The feature of this crate that enables the plugin, if any.
    pub(in crate::loading) feature: Option<&'static str>,
}

const fn known(name: &'static str) -> Known {
    Known {
        name,
        feature: None,
    }
}

/// All plugins of keystoneauth 5.18. A row is used only if no loader of that name is registered.
pub(in crate::loading) const KEYSTONEAUTH: &[Known] = &[
    known("admin_token"),
    known("http_basic"),
    known("none"),
    known("password"),
    known("token"),
    known("v2password"),
    known("v2token"),
    known("v3adfspassword"),
    known("v3applicationcredential"),
    known("v3fedkerb"),
    known("v3kerberos"),
    known("v3multifactor"),
    known("v3oauth1"),
    known("v3oauth2clientcredential"),
    known("v3oauth2mtlsclientcredential"),
    known("v3oidcaccesstoken"),
    known("v3oidcauthcode"),
    known("v3oidcclientcredentials"),
    known("v3oidcdeviceauthz"),
    known("v3oidcpassword"),
    known("v3password"),
    known("v3samlpassword"),
    known("v3token"),
    known("v3tokenlessauth"),
    known("v3totp"),
    known("v3websso"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loading::PluginLoader;
    use crate::loading::plugins::loaders;

    #[test]
    fn names_are_sorted_and_include_every_plugin_of_this_crate() {
        assert_eq!(KEYSTONEAUTH.len(), 26);
        assert!(KEYSTONEAUTH.is_sorted_by(|a, b| a.name < b.name));
        // The only plugin that keystoneauth does not have.
        let own = |loader: &PluginLoader| loader.name() == "exec";
        for loader in loaders().iter().filter(|loader| !own(loader)) {
            let is_known = KEYSTONEAUTH.iter().any(|known| known.name == loader.name());
            assert!(is_known, "{}", loader.name());
        }
    }
}

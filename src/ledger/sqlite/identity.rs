//! Whose ledger it is.

use rusqlite::OptionalExtension;

use super::{Ledger, Reader};
use crate::ledger::types::{Durability, Identity, LedgerError};
use crate::model::AssetId;

impl Ledger {
    /// Whether the ledger is of this service and account; a new one becomes so, and so does one that
    /// knows no asset yet (its first run may have met a wrong base URL). `adopt` makes any ledger so.
    ///
    /// # Errors
    /// [`LedgerError::OtherService`], [`LedgerError::OtherAccount`]; the latter may be settled by
    /// asking the service about [`Ledger::known_asset`] and adopting.
    pub fn identify(&mut self, identity: &Identity, adopt: bool) -> Result<(), LedgerError> {
        let location = self.location.clone();
        let adopt = adopt || !self.has_assets()?;
        let (theirs, ours) = (self.identity_value("base_url")?, &identity.base_url);
        if let Some(theirs) = theirs.filter(|theirs| theirs != ours && !adopt) {
            return Err(LedgerError::OtherService {
                location,
                theirs,
                ours: ours.clone(),
            });
        }
        let (theirs, ours) = (self.identity_value("account")?, &identity.account);
        if let Some(theirs) = theirs.filter(|theirs| theirs != ours && !adopt) {
            return Err(LedgerError::OtherAccount {
                location,
                theirs,
                ours: ours.clone(),
            });
        }
        self.transact(Durability::Synced, || {
            self.set_identity("base_url", &identity.base_url)?;
            self.set_identity("account", &identity.account)
        })
    }

    /// The newest asset that holds bytes, else the newest that is to be filled: if the service knows
    /// it under another key, both keys are of one account.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn known_asset(&self) -> Result<Option<AssetId>, LedgerError> {
        let sql = "SELECT asset_id FROM asset WHERE state IN ('confirmed', 'sent', 'allotted') \
                   ORDER BY state = 'allotted', id DESC LIMIT 1";
        let text = self
            .connection
            .query_row(sql, [], |row| row.get::<_, String>(0))
            .optional();
        let text = text.map_err(|error| self.failed(&error))?;
        Ok(text.and_then(|text| AssetId::parse(&text)))
    }

    fn set_identity(&self, name: &str, value: &str) -> rusqlite::Result<()> {
        let sql = "INSERT INTO identity (name, value) VALUES (?1, ?2) \
                   ON CONFLICT (name) DO UPDATE SET value = excluded.value";
        self.connection.execute(sql, (name, value)).map(drop)
    }
}

impl Reader {
    /// Whose ledger it is; `None` before its first use.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn identity(&self) -> Result<Option<Identity>, LedgerError> {
        let values = (
            self.identity_value("base_url")?,
            self.identity_value("account")?,
        );
        Ok(match values {
            (Some(base_url), Some(account)) => Some(Identity { base_url, account }),
            _ => None,
        })
    }

    /// Whether it knows any asset; one that knows none may become another account's.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn has_assets(&self) -> Result<bool, LedgerError> {
        let sql = "SELECT EXISTS (SELECT 1 FROM asset)";
        let found = self.connection.query_row(sql, [], |row| row.get(0));
        found.map_err(|error| self.failed(&error))
    }

    fn identity_value(&self, name: &str) -> Result<Option<String>, LedgerError> {
        let sql = "SELECT value FROM identity WHERE name = ?1";
        let value = self
            .connection
            .query_row(sql, [name], |row| row.get(0))
            .optional();
        value.map_err(|error| self.failed(&error))
    }
}

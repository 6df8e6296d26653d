// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

/// The content of a backup.
///
/// @param revision the newest revision in it
/// @param auditEntries the number of audit entries
/// @param auditHead the hash of the last entry; store it to verify the log later
public record SavedBackup(long revision, long auditEntries, String auditHead) {}

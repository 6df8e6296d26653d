// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.view;

/// The control plane's store.
///
/// @param id identity of the store
/// @param revision the newest revision
/// @param auditEntries number of entries in the audit log
/// @param auditHead hash of the newest audit entry
public record StoreView(String id, long revision, long auditEntries, String auditHead) {}

// SPDX-License-Identifier: Apache-2.0
package dev.weir.model;

/// The control plane's store.
///
/// @param id its identity
/// @param revision the newest
/// @param auditEntries how many the audit log has
/// @param auditHead hash of the newest of them
public record StoreView(String id, long revision, long auditEntries, String auditHead) {}

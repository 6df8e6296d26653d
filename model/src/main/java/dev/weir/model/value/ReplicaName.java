// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.value;

/// The name of a replica, shown as `<service>-<version>-<ordinal>`.
///
/// @param version the version's own name, without the model
/// @param ordinal 0, 1, 2 ... within (service, version)
public record ReplicaName(String namespace, String service, VersionRef version, int ordinal)
    implements Comparable<ReplicaName> {
  @Override
  public int compareTo(ReplicaName other) {
    int bySpace = namespace.compareTo(other.namespace);
    int byService = bySpace != 0 ? bySpace : service.compareTo(other.service);
    int byVersion = byService != 0 ? byService : version.compareTo(other.version);
    return byVersion != 0 ? byVersion : Integer.compare(ordinal, other.ordinal);
  }

  @Override
  public String toString() {
    return service + "-" + version.version() + "-" + ordinal;
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.publication;

import dev.weir.control.observation.ObservationStore;
import dev.weir.snapshot.EncodedEntry;
import dev.weir.snapshot.EncodedEntry.Section;
import dev.weir.snapshot.EncodedSnapshot;
import dev.weir.snapshot.RoutingSnapshot;
import dev.weir.snapshot.SnapshotCodec;
import dev.weir.snapshot.WireFormatException;
import dev.weir.store.Observations.Entry;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Stores the published snapshot, one record for each entry and one for the rest, so that a change
/// of one Service writes two records. All records of a snapshot are written in one transaction.
final class PublicationStore {
  private static final Logger LOG = LoggerFactory.getLogger(PublicationStore.class);
  private static final String COLLECTION = "publication";

  /// The record of everything but the entries.
  private static final String HEAD = "head";

  /// The record of the previous version: the whole snapshot in pieces.
  private static final String FORMER = "current";

  /// A record that stands for no entry. It is written together with the snapshot that lacks the
  /// entry, and deleted later.
  private static final String NOTHING = "{\"at\":0,\"entry\":null}";

  private final ObservationStore observations;

  PublicationStore(ObservationStore observations) {
    this.observations = observations;
  }

  /// @param changedAt for each Service, the sequence at which its entry last changed
  /// @param floor sequence of the last snapshot that lowered or ended a canary weight; a gateway
  ///   with an older snapshot must not route to canaries
  record State(RoutingSnapshot snapshot, Map<String, Long> changedAt, long floor) {}

  /// @param byEntry whether its entries are stored one by one, in the newest format
  record Loaded(State state, boolean byEntry) {}

  /// The stored form of everything but the entries.
  ///
  /// @param hash of the whole snapshot
  /// @param snapshot without entries
  private record Head(String hash, JsonNode snapshot, long floor) {}

  /// The stored form of an entry.
  ///
  /// @param at the sequence at which it last changed
  private record StoredEntry(long at, @Nullable JsonNode entry) {
    boolean exists() {
      return entry != null && !entry.isNull();
    }
  }

  /// The stored form of the previous version.
  private record Former(JsonNode snapshot, Map<String, Long> changedAt, long floor) {}

  /// The last stored snapshot. Empty if there is none, or if it cannot be read completely; then it
  /// is compiled again with a higher number than any gateway serves.
  Optional<Loaded> read() {
    try {
      Optional<Head> head = observations.get(COLLECTION, HEAD, Head.class);
      return head.isPresent() ? Optional.of(loaded(read(head.get()))) : readFormer();
    } catch (WireFormatException e) {
      LOG.atError()
          .addKeyValue("event", "snapshot.unreadable")
          .addKeyValue("error", e.getMessage())
          .log("The last published snapshot cannot be read");
      return Optional.empty();
    }
  }

  private static Loaded loaded(State state) {
    return new Loaded(state, state.snapshot().formatVersion() == RoutingSnapshot.FORMAT_VERSION);
  }

  private State read(Head head) throws WireFormatException {
    if (!(head.snapshot() instanceof ObjectNode whole)) {
      throw new WireFormatException("the stored snapshot is not an object");
    }
    Map<String, Long> changedAt = new HashMap<>();
    for (Section section : Section.values()) {
      ArrayNode entries = whole.putArray(section.field());
      stored(section)
          .forEach((name, entry) -> {
            entries.add(entry.entry());
            if (section == Section.SERVICES) {
              changedAt.put(name, entry.at());
            }
          });
    }
    RoutingSnapshot snapshot = SnapshotCodec.decode(ObservationStore.bytes(whole));
    if (!SnapshotCodec.publish(snapshot).hash().equals(head.hash())) {
      throw new WireFormatException("the entries of the stored snapshot do not match its hash");
    }
    return new State(snapshot, changedAt, head.floor());
  }

  /// The entries of one list by name, in the order of the list.
  private SortedMap<String, StoredEntry> stored(Section section) {
    SortedMap<String, StoredEntry> entries = new TreeMap<>();
    String prefix = prefix(section);
    observations.list(COLLECTION, prefix, StoredEntry.class).stream()
        .filter(each -> each.value().exists())
        .forEach(each -> entries.put(each.key().substring(prefix.length()), each.value()));
    return entries;
  }

  private Optional<Loaded> readFormer() throws WireFormatException {
    Optional<Former> former = observations.getLong(COLLECTION, FORMER, Former.class);
    if (former.isEmpty()) {
      return Optional.empty();
    }
    RoutingSnapshot snapshot =
        SnapshotCodec.decode(ObservationStore.bytes(former.get().snapshot()));
    return Optional.of(
        new Loaded(new State(snapshot, former.get().changedAt(), former.get().floor()), false));
  }

  /// Stores a snapshot.
  ///
  /// @param encoded the snapshot
  /// @param before the stored snapshot, if its entries are stored one by one
  void write(State state, EncodedSnapshot encoded, Optional<EncodedSnapshot> before) {
    List<Entry> writes = new ArrayList<>();
    writes.add(ObservationStore.entry(COLLECTION, HEAD, head(state, encoded)));
    List<String> gone =
        before
            .map(encoded::removedSince)
            .map(PublicationStore::keys)
            .orElseGet(() -> others(encoded));
    before
        .map(encoded::changedSince)
        .orElseGet(() -> all(encoded))
        .forEach((section, entries) ->
            entries.forEach(entry -> writes.add(record(section, entry, state))));
    gone.forEach(key -> writes.add(new Entry(COLLECTION, key, NOTHING)));
    observations.putAll(writes);
    observations.delete(COLLECTION, gone);
  }

  private static Head head(State state, EncodedSnapshot encoded) {
    return new Head(encoded.hash(), ObservationStore.tree(encoded.head()), state.floor());
  }

  private static Entry record(Section section, EncodedEntry entry, State state) {
    long at = state.changedAt().getOrDefault(entry.name(), state.snapshot().sequence());
    String json = new String(entry.bytes(), StandardCharsets.UTF_8);
    return new Entry(
        COLLECTION, prefix(section) + entry.name(), "{\"at\":%d,\"entry\":%s}".formatted(at, json));
  }

  private static Map<Section, List<EncodedEntry>> all(EncodedSnapshot encoded) {
    Map<Section, List<EncodedEntry>> all = new EnumMap<>(Section.class);
    for (Section section : Section.values()) {
      all.put(section, encoded.entries(section));
    }
    return all;
  }

  private static List<String> keys(Map<Section, List<String>> names) {
    List<String> keys = new ArrayList<>();
    names.forEach((section, some) -> some.forEach(name -> keys.add(prefix(section) + name)));
    return keys;
  }

  /// The keys of all records that do not belong to the snapshot: those of an unreadable snapshot or
  /// of the previous version.
  private List<String> others(EncodedSnapshot encoded) {
    Set<String> own = new HashSet<>(Set.of(HEAD));
    all(encoded)
        .forEach((section, entries) ->
            entries.forEach(entry -> own.add(prefix(section) + entry.name())));
    return observations.keys(COLLECTION).stream().filter(key -> !own.contains(key)).toList();
  }

  private static String prefix(Section section) {
    return section.field() + "/";
  }
}

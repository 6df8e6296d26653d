// SPDX-License-Identifier: Apache-2.0
package dev.weir.snapshot;

import dev.weir.snapshot.EncodedEntry.Section;
import dev.weir.snapshot.RoutingSnapshot.KeyEntry;
import dev.weir.snapshot.RoutingSnapshot.RouteEntry;
import dev.weir.snapshot.RoutingSnapshot.ServiceEntry;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/// The bytes of an encoded snapshot, cut into the entries of its lists and the bytes between them.
/// Joined in order, they are the encoded snapshot. Immutable.
final class SnapshotSections {
  private static final byte[] COMMA = {','};

  /// The bytes before, between and after the lists: one more than there are sections.
  private final List<byte[]> between;

  private final Map<Section, List<EncodedEntry>> sections;

  private SnapshotSections(List<byte[]> between, Map<Section, List<EncodedEntry>> sections) {
    this.between = between;
    this.sections = sections;
  }

  /// Encodes the entries that are not equal to an entry of `before`.
  static SnapshotSections of(RoutingSnapshot snapshot, Optional<SnapshotSections> before) {
    Map<Section, List<EncodedEntry>> sections = new EnumMap<>(Section.class);
    for (Section section : Section.values()) {
      Map<String, EncodedEntry> known =
          before.map(sectionsBefore -> sectionsBefore.byName(section)).orElse(Map.of());
      sections.put(
          section, section.of(snapshot).stream().map(value -> encoded(value, known)).toList());
    }
    return new SnapshotSections(between(snapshot), sections);
  }

  private static EncodedEntry encoded(Object value, Map<String, EncodedEntry> known) {
    EncodedEntry same = known.get(EncodedEntry.nameOf(value));
    return same != null && same.value().equals(value)
        ? same
        : EncodedEntry.of(value, WireJson.write(value));
  }

  private Map<String, EncodedEntry> byName(Section section) {
    Map<String, EncodedEntry> byName = new HashMap<>();
    entries(section).forEach(entry -> byName.put(entry.name(), entry));
    return byName;
  }

  // The encoder writes the lists last, each on its own, so the bytes between them follow from the
  // encoding of a snapshot with empty lists.
  private static List<byte[]> between(RoutingSnapshot snapshot) {
    return cut(SnapshotCodec.encode(empty(snapshot))).between();
  }

  private static RoutingSnapshot empty(RoutingSnapshot snapshot) {
    return new RoutingSnapshot(
        snapshot.formatVersion(),
        snapshot.sequence(),
        snapshot.revision(),
        snapshot.publishedAt(),
        snapshot.store(),
        snapshot.leaseMillis(),
        List.of(),
        List.of(),
        List.of());
  }

  /// Cuts the bytes of a snapshot.
  ///
  /// @param snapshot the decoded bytes
  static SnapshotSections split(byte[] bytes, RoutingSnapshot snapshot) throws WireFormatException {
    Cut cut;
    try {
      cut = cut(bytes);
    } catch (JacksonException | IllegalArgumentException e) {
      throw new WireFormatException("a snapshot cannot be cut into entries: " + e.getMessage(), e);
    }
    Map<Section, List<EncodedEntry>> sections = new EnumMap<>(Section.class);
    for (Section section : Section.values()) {
      List<?> values = section.of(snapshot);
      List<byte[]> entries = cut.entries().getOrDefault(section, List.of());
      if (values.size() != entries.size()) {
        throw new WireFormatException(
            "the list " + section.field() + " cannot be cut into entries");
      }
      List<EncodedEntry> encoded = new ArrayList<>(values.size());
      for (int i = 0; i < entries.size(); i++) {
        encoded.add(EncodedEntry.of(values.get(i), entries.get(i)));
      }
      sections.put(section, encoded);
    }
    return new SnapshotSections(cut.between(), sections);
  }

  private record Cut(List<byte[]> between, Map<Section, List<byte[]>> entries) {}

  /// Finds the top-level lists and their elements. Fields that this program does not know stay in
  /// the bytes between them.
  private static Cut cut(byte[] bytes) {
    List<byte[]> between = new ArrayList<>();
    Map<Section, List<byte[]>> entries = new EnumMap<>(Section.class);
    List<Section> found = new ArrayList<>();
    int from = 0;
    try (JsonParser parser = WireJson.MAPPER.createParser(bytes)) {
      WireJson.require(parser.nextToken() == JsonToken.START_OBJECT, "a snapshot is an object");
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        Optional<Section> section = Section.of(parser.currentName());
        JsonToken value = parser.nextToken();
        if (section.isEmpty()) {
          JsonParser _ = parser.skipChildren();
          continue;
        }
        WireJson.require(value == JsonToken.START_ARRAY, "its lists are lists");
        between.add(Arrays.copyOfRange(bytes, from, WireJson.end(parser)));
        entries.put(section.get(), elements(parser, bytes));
        found.add(section.get());
        from = WireJson.end(parser) - 1;
      }
    }
    between.add(Arrays.copyOfRange(bytes, from, bytes.length));
    WireJson.require(found.equals(List.of(Section.values())), "it has keys, routes, services");
    return new Cut(between, entries);
  }

  private static List<byte[]> elements(JsonParser parser, byte[] bytes) {
    List<byte[]> elements = new ArrayList<>();
    while (parser.nextToken() == JsonToken.START_OBJECT) {
      elements.add(WireJson.slice(parser, bytes));
    }
    return elements;
  }

  List<EncodedEntry> entries(Section section) {
    return sections.getOrDefault(section, List.of());
  }

  /// Passes the bytes in order.
  void pieces(Consumer<byte[]> each) {
    Iterator<byte[]> gaps = between.iterator();
    for (Section section : Section.values()) {
      each.accept(gaps.next());
      boolean first = true;
      for (EncodedEntry entry : entries(section)) {
        if (!first) {
          each.accept(COMMA);
        }
        each.accept(entry.bytes());
        first = false;
      }
    }
    each.accept(gaps.next());
  }

  /// Whether each list is in the order of its names, without duplicates.
  boolean sorted() {
    return sections.values().stream().allMatch(SnapshotSections::sorted);
  }

  private static boolean sorted(List<EncodedEntry> entries) {
    for (int i = 1; i < entries.size(); i++) {
      if (entries.get(i - 1).name().compareTo(entries.get(i).name()) >= 0) {
        return false;
      }
    }
    return true;
  }

  Map<Section, List<String>> removedSince(SnapshotSections before) {
    Map<Section, List<String>> removed = new EnumMap<>(Section.class);
    for (Section section : Section.values()) {
      Set<String> names = new HashSet<>();
      entries(section).forEach(entry -> names.add(entry.name()));
      removed.put(
          section,
          before.entries(section).stream()
              .map(EncodedEntry::name)
              .filter(name -> !names.contains(name))
              .toList());
    }
    return removed;
  }

  /// The bytes of a snapshot with only the entries that `before` lacks or has with other bytes.
  byte[] snapshotOf(Map<Section, List<EncodedEntry>> entries) {
    return join(new SnapshotSections(between, entries));
  }

  /// The entries that `before` lacks or has with other bytes.
  Map<Section, List<EncodedEntry>> changedSince(SnapshotSections before) {
    Map<Section, List<EncodedEntry>> changed = new EnumMap<>(Section.class);
    for (Section section : Section.values()) {
      Map<String, EncodedEntry> known = before.byName(section);
      changed.put(
          section,
          entries(section).stream()
              .filter(entry -> differs(entry, known.get(entry.name())))
              .toList());
    }
    return changed;
  }

  private static boolean differs(EncodedEntry entry, @Nullable EncodedEntry before) {
    return before == null || !Arrays.equals(before.bytes(), entry.bytes());
  }

  private static byte[] join(SnapshotSections sections) {
    var bytes = new ByteArrayOutputStream();
    sections.pieces(bytes::writeBytes);
    return bytes.toByteArray();
  }

  /// These entries with the changed ones instead of or added to them, and without the removed ones.
  SnapshotSections with(SnapshotSections changed, Map<Section, List<String>> removed) {
    Map<Section, List<EncodedEntry>> merged = new EnumMap<>(Section.class);
    for (Section section : Section.values()) {
      List<EncodedEntry> news = changed.entries(section);
      List<String> gone = removed.getOrDefault(section, List.of());
      merged.put(
          section,
          news.isEmpty() && gone.isEmpty() ? entries(section) : merge(section, news, gone));
    }
    return new SnapshotSections(changed.between, merged);
  }

  private List<EncodedEntry> merge(Section section, List<EncodedEntry> news, List<String> gone) {
    Map<String, EncodedEntry> byName = new TreeMap<>(byName(section));
    gone.forEach(byName::remove);
    news.forEach(entry -> byName.put(entry.name(), entry));
    return List.copyOf(byName.values());
  }

  /// The snapshot of these entries with the other fields of `head`.
  RoutingSnapshot snapshot(RoutingSnapshot head) {
    return new RoutingSnapshot(
        head.formatVersion(),
        head.sequence(),
        head.revision(),
        head.publishedAt(),
        head.store(),
        head.leaseMillis(),
        values(Section.KEYS, KeyEntry.class),
        values(Section.ROUTES, RouteEntry.class),
        values(Section.SERVICES, ServiceEntry.class));
  }

  private <T> List<T> values(Section section, Class<T> type) {
    return entries(section).stream().map(entry -> type.cast(entry.value())).toList();
  }
}

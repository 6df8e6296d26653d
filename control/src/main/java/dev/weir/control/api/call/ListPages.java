// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api.call;

import dev.weir.model.Resource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;

/// Lists that clients read page by page. The first page fixes the list, so that all pages show one
/// revision without gaps or duplicates. The last `MAX_LISTS` lists are kept; a token of an older
/// one gets status 410, and the client must list again.
public final class ListPages {
  private static final int MAX_LISTS = 64;

  private final RandomGenerator random;
  private final Map<String, Listing> open =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Listing> eldest) {
          return size() > MAX_LISTS;
        }
      };

  public ListPages(RandomGenerator random) {
    this.random = random;
  }

  /// A list at a revision.
  ///
  /// @param of identifies the list: a token is valid only for the same list
  public record Listing(String of, long revision, List<Resource> items) {
    public Listing {
      items = List.copyOf(items);
    }
  }

  /// @param next the token of the next page; empty on the last
  public record Page(List<Resource> items, long revision, Optional<String> next) {
    public Page {
      items = List.copyOf(items);
    }
  }

  public Page first(Listing listing, int limit) {
    if (listing.items().size() <= limit) {
      return new Page(listing.items(), listing.revision(), Optional.empty());
    }
    String id = Long.toHexString(random.nextLong()) + Long.toHexString(random.nextLong());
    synchronized (this) {
      open.put(id, listing);
    }
    return page(id, listing, 0, limit);
  }

  public Page next(String of, String token, int limit) {
    int dot = token.lastIndexOf('.');
    Optional<Listing> listing = dot < 0 ? Optional.empty() : remembered(token.substring(0, dot));
    if (listing.isEmpty() || !listing.get().of().equals(of)) {
      throw ProblemException.of(
          ProblemType.GONE, "the continue token has expired; list again from the start");
    }
    int from = position(token.substring(dot + 1), listing.get());
    return page(token.substring(0, dot), listing.get(), from, limit);
  }

  private static int position(String text, Listing listing) {
    try {
      int from = Integer.parseInt(text);
      if (from >= 0 && from <= listing.items().size()) {
        return from;
      }
    } catch (NumberFormatException _) {
      // reported below
    }
    throw ProblemException.of(
        ProblemType.MALFORMED,
        "continue must be the unchanged token of the previous page; list again from the start");
  }

  private synchronized Optional<Listing> remembered(String id) {
    return Optional.ofNullable(open.get(id));
  }

  private static Page page(String id, Listing listing, int from, int limit) {
    int to = Math.min(from + limit, listing.items().size());
    Optional<String> next =
        to < listing.items().size() ? Optional.of(id + "." + to) : Optional.empty();
    return new Page(listing.items().subList(from, to), listing.revision(), next);
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange.answer;

import java.util.Arrays;

/// A growing list of token ids with a limit. Event loop only.
public final class TokenIdList {
  private static final int INITIAL_SIZE = 16;

  /// A cleared list retains its memory up to this size.
  private static final int RETAINED_SIZE = 4096;

  private static final int[] NONE = new int[0];

  private final int limit;
  private int[] ids = NONE;
  private int size;
  private boolean spoilt;

  /// @param limit exceeding it spoils the list
  public TokenIdList(int limit) {
    this.limit = limit;
  }

  public void add(int id) {
    if (size == limit) {
      invalidate();
    }
    if (spoilt) {
      return;
    }
    if (size == ids.length) {
      ids = Arrays.copyOf(ids, Math.min(limit, Math.max(INITIAL_SIZE, 2 * size)));
    }
    ids[size++] = id;
  }

  public void addAll(TokenIdList more) {
    if (more.spoilt) {
      invalidate();
    }
    for (int i = 0; i < more.size; i++) {
      add(more.ids[i]);
    }
  }

  /// The list is incomplete; it contains nothing from now on.
  public void invalidate() {
    spoilt = true;
    ids = NONE;
    size = 0;
  }

  public boolean invalid() {
    return spoilt;
  }

  public void clear() {
    spoilt = false;
    size = 0;
    if (ids.length > RETAINED_SIZE) {
      ids = NONE;
    }
  }

  public int size() {
    return size;
  }

  public boolean isEmpty() {
    return size == 0;
  }

  public int at(int index) {
    return ids[index];
  }

  /// The ids from an index on, as a copy.
  public TokenIdList from(int start) {
    TokenIdList copy = new TokenIdList(limit);
    copy.ids = Arrays.copyOfRange(ids, Math.min(start, size), size);
    copy.size = copy.ids.length;
    copy.spoilt = spoilt;
    return copy;
  }
}

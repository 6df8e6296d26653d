// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.answer;

import java.util.Arrays;

/// An immutable list of token ids.
public final class TokenIds {
  private final int[] ids;

  private TokenIds(int[] ids) {
    this.ids = ids;
  }

  /// Copies `ids`.
  public static TokenIds of(int... ids) {
    return new TokenIds(ids.clone());
  }

  public int size() {
    return ids.length;
  }

  public int at(int index) {
    return ids[index];
  }

  /// These ids followed by `more`.
  public TokenIds plus(TokenIds more) {
    int[] joined = Arrays.copyOf(ids, ids.length + more.ids.length);
    System.arraycopy(more.ids, 0, joined, ids.length, more.ids.length);
    return new TokenIds(joined);
  }

  public int[] toArray() {
    return ids.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TokenIds that && Arrays.equals(ids, that.ids);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(ids);
  }

  @Override
  public String toString() {
    return Arrays.toString(ids);
  }

  /// Collects ids without boxing.
  static final class Builder {
    private int[] ids = new int[64];
    private int size;

    void add(int id) {
      if (size == ids.length) {
        ids = Arrays.copyOf(ids, size * 2);
      }
      ids[size++] = id;
    }

    TokenIds build() {
      return new TokenIds(Arrays.copyOf(ids, size));
    }
  }
}

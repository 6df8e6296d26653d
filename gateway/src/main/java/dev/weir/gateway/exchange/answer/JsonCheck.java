// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange.answer;

import java.util.BitSet;

/// Checks whether text fed in pieces is one JSON value according to RFC 8259. Stores no text, only
/// the depth and one bit per level.
final class JsonCheck {
  private static final int MAX_DEPTH = 500;
  private static final String NUMBER_TAIL = "+-.eE";

  private enum Expect {
    VALUE,
    VALUE_OR_END,
    NAME,
    NAME_OR_END,
    COLON,
    MORE_OR_END,
    NOTHING
  }

  private enum Inside {
    NONE,
    STRING,
    ESCAPE,
    NUMBER,
    WORD
  }

  private final BitSet objects = new BitSet();
  private final StringBuilder atom = new StringBuilder();
  private int depth;
  private int hexDigits;
  private boolean name;
  private boolean broken;
  private Expect expect = Expect.VALUE;
  private Inside inside = Inside.NONE;

  void feed(String piece) {
    for (int i = 0; i < piece.length() && !broken; i++) {
      broken = !take(piece.charAt(i));
    }
  }

  /// Whether the text so far is one complete value.
  boolean whole() {
    boolean ended =
        inside == Inside.NONE || ((inside == Inside.NUMBER || inside == Inside.WORD) && endAtom());
    return !broken && ended && expect == Expect.NOTHING;
  }

  private boolean take(char c) {
    return switch (inside) {
      case STRING -> string(c);
      case ESCAPE -> escape(c);
      case NUMBER, WORD -> atom(c);
      case NONE -> isSpace(c) || between(c);
    };
  }

  private static boolean isSpace(char c) {
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
  }

  private boolean string(char c) {
    if (c == '"') {
      inside = Inside.NONE;
      expect = name ? Expect.COLON : afterValue();
    } else if (c == '\\') {
      inside = Inside.ESCAPE;
      hexDigits = 0;
    }
    return c >= ' ';
  }

  private boolean escape(char c) {
    if (hexDigits > 0) {
      hexDigits--;
      inside = hexDigits == 0 ? Inside.STRING : Inside.ESCAPE;
      return Character.digit(c, 16) >= 0;
    }
    if (c == 'u') {
      hexDigits = 4;
      return true;
    }
    inside = Inside.STRING;
    return "\"\\/bfnrt".indexOf(c) >= 0;
  }

  private boolean atom(char c) {
    boolean goes = Character.isLetterOrDigit(c) || NUMBER_TAIL.indexOf(c) >= 0;
    if (goes && atom.length() < 64) {
      atom.append(c);
      return true;
    }
    return goes || (endAtom() && (isSpace(c) || between(c)));
  }

  private boolean endAtom() {
    String text = atom.toString();
    boolean legal = inside == Inside.WORD ? isWord(text) : isNumber(text);
    atom.setLength(0);
    inside = Inside.NONE;
    expect = afterValue();
    return legal;
  }

  private static boolean isWord(String text) {
    return text.equals("true") || text.equals("false") || text.equals("null");
  }

  private static boolean isNumber(String text) {
    int at = text.startsWith("-") ? 1 : 0;
    int whole = digits(text, at);
    if (whole == at || (text.charAt(at) == '0' && whole > at + 1)) {
      return false;
    }
    at = whole;
    if (at < text.length() && text.charAt(at) == '.') {
      int fraction = digits(text, at + 1);
      if (fraction == at + 1) {
        return false;
      }
      at = fraction;
    }
    if (at < text.length() && (text.charAt(at) == 'e' || text.charAt(at) == 'E')) {
      int sign = at + 1 < text.length() && "+-".indexOf(text.charAt(at + 1)) >= 0 ? 1 : 0;
      int power = digits(text, at + 1 + sign);
      return power > at + 1 + sign && power == text.length();
    }
    return at == text.length();
  }

  private static int digits(String text, int from) {
    int at = from;
    while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
      at++;
    }
    return at;
  }

  private boolean between(char c) {
    return switch (expect) {
      case VALUE -> value(c);
      case VALUE_OR_END -> c == ']' ? close() : value(c);
      case NAME -> name(c);
      case NAME_OR_END -> c == '}' ? close() : name(c);
      case COLON -> colon(c);
      case MORE_OR_END -> moreOrEnd(c);
      case NOTHING -> false;
    };
  }

  private boolean value(char c) {
    if (c == '{' || c == '[') {
      return open(c == '{');
    }
    if (c == '"') {
      name = false;
      inside = Inside.STRING;
      return true;
    }
    inside = c == '-' || (c >= '0' && c <= '9') ? Inside.NUMBER : Inside.WORD;
    atom.append(c);
    return inside == Inside.NUMBER || c == 't' || c == 'f' || c == 'n';
  }

  private boolean open(boolean object) {
    objects.set(depth, object);
    depth++;
    expect = object ? Expect.NAME_OR_END : Expect.VALUE_OR_END;
    return depth <= MAX_DEPTH;
  }

  private boolean close() {
    depth--;
    expect = afterValue();
    return true;
  }

  private boolean name(char c) {
    name = true;
    inside = Inside.STRING;
    return c == '"';
  }

  private boolean colon(char c) {
    expect = Expect.VALUE;
    return c == ':';
  }

  private boolean moreOrEnd(char c) {
    boolean object = objects.get(depth - 1);
    if (c == ',') {
      expect = object ? Expect.NAME : Expect.VALUE;
      return true;
    }
    return c == (object ? '}' : ']') && close();
  }

  private Expect afterValue() {
    return depth == 0 ? Expect.NOTHING : Expect.MORE_OR_END;
  }
}

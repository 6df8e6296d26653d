// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.protocol;

import java.util.ArrayList;
import java.util.List;

/// Bodies whose end is ambiguous, impossible lengths, and malformed chunks. A second request
/// follows each.
final class FramingCases {
  private static final String LAST = "0\r\n\r\n";
  private static final String CHUNKED = "Transfer-Encoding: chunked\r\n";
  private static final String IN_CHUNKS = chunk(Asking.BODY) + LAST;

  private final Asking asking;
  private final List<ClientCase> all = new ArrayList<>();

  FramingCases(Asking asking) {
    this.asking = asking;
  }

  List<ClientCase> all() {
    lengths();
    encodings();
    badChunks();
    goodChunks();
    return all;
  }

  private static String chunk(String data) {
    return Integer.toHexString(data.length()) + "\r\n" + data + "\r\n";
  }

  /// Refused, together with the request after it.
  private void refused(String name, String lines, String body) {
    String sent = asking.post("refused", lines, body + asking.hidden());
    all.add(ClientCase.of(name, sent, 400, 501));
  }

  private void served(String name, String lines, String body) {
    all.add(ClientCase.of(name, asking.post("served", lines, body), 200));
  }

  private void lengths() {
    refused("length then chunks", "Content-Length: 5\r\n" + CHUNKED, LAST);
    refused("chunks then length", CHUNKED + "Content-Length: 5\r\n", LAST);
    refused("two lengths", "Content-Length: 0\r\nContent-Length: 44\r\n", "");
    refused("two equal lengths", "Content-Length: 0\r\nContent-Length: 0\r\n", "");
    refused("a list of lengths", "Content-Length: 0, 44\r\n", "");
    refused("a list of equal lengths", "Content-Length: 0, 0\r\n", "");
    refused("a negative length", "Content-Length: -1\r\n", "");
    refused("a length with a plus", "Content-Length: +0\r\n", "");
    refused("a length in hex", "Content-Length: 0x0\r\n", "");
    refused("a length with a fraction", "Content-Length: 0.0\r\n", "");
    refused("a length of nothing", "Content-Length:\r\n", "");
    refused("a length of two numbers", "Content-Length: 0 0\r\n", "");
    refused("a length that overflows", "Content-Length: 18446744073709551616\r\n", "");
    refused("a length in Arabic digits", "Content-Length: \u00d9\u00a0\r\n", "");
    refused("a length's name with a space", "Content-Length : 0\r\n", "");
    refused("a length's name with a tab", "Content-Length\t: 0\r\n", "");
    refused("a length folded", "Content-Length:\r\n 0, 4\r\n", "");
    String length = "Content-Length: " + Asking.BODY.length();
    served("a length between spaces and tabs", length.replace(" ", " \t") + " \t\r\n", Asking.BODY);
    all.add(
        ClientCase.of(
            "a length of 9 exabytes",
            asking.post("refused", "Content-Length: 9223372036854775807\r\n", asking.hidden()),
            413));
  }

  private void encodings() {
    for (String coding :
        List.of(
            "xchunked",
            "chunked, identity",
            "identity",
            "identity, chunked",
            "gzip, chunked",
            "gzip",
            "chunked, chunked",
            "\u000bchunked",
            "\u000cchunked",
            "chunked\u0000",
            "chunk ed",
            "\"chunked\"",
            "chunked;q=1",
            "'chunked'",
            ",chunked",
            "chunked,",
            "")) {
      refused("coding [" + shown(coding) + "]", "Transfer-Encoding: " + coding + "\r\n", LAST);
      refused(
          "coding [" + shown(coding) + "] and a length",
          "Transfer-Encoding: " + coding + "\r\nContent-Length: 5\r\n",
          LAST);
    }
    refused("two codings", CHUNKED + "Transfer-Encoding: x\r\n", LAST);
    refused("two codings, other way", "Transfer-Encoding: x\r\n" + CHUNKED, LAST);
    refused("two codings alike", CHUNKED + CHUNKED, LAST);
    refused("a coding's name with a space", "Transfer-Encoding : chunked\r\n", LAST);
    refused(
        "a coding's name with a space and a length",
        "Transfer-Encoding : chunked\r\nContent-Length: 5\r\n",
        LAST);
    refused("a coding behind a bare CR", "X: y\rTransfer-Encoding: chunked\r\n", LAST);
    refused("a coding behind a fold and a length", "Content-Length: 5\r\n " + CHUNKED, LAST);
    String old = asking.head("HTTP/1.0", "refused") + CHUNKED + "\r\n" + LAST + asking.hidden();
    all.add(ClientCase.of("chunks in HTTP/1.0", old, 400));
    served("a coding behind a tab", "Transfer-Encoding:\tchunked\r\n", IN_CHUNKS);
    served("a coding in capitals", "TRANSFER-ENCODING: CHUNKED\r\n", IN_CHUNKS);
  }

  private static String shown(String coding) {
    return coding.replace('\u0000', '0').replaceAll("\\p{Cntrl}", "^");
  }

  private void badChunks() {
    refused("a chunk's size of nonsense", CHUNKED, "zz\r\n{}\r\n" + LAST);
    refused("a chunk's size of nothing", CHUNKED, "\r\n{}\r\n" + LAST);
    refused("a negative chunk", CHUNKED, "-1\r\n{}\r\n" + LAST);
    refused("a chunk's size with a plus", CHUNKED, "+2\r\n{}\r\n" + LAST);
    refused("a chunk's size in 0x", CHUNKED, "0x2\r\n{}\r\n" + LAST);
    refused("a chunk's size that overflows", CHUNKED, "FFFFFFFFFFFFFFFFF\r\n{}\r\n" + LAST);
    refused("a chunk's size that wraps to 2", CHUNKED, "10000000000000002\r\n{}\r\n" + LAST);
    refused("a chunk's size of 32 bits that wraps", CHUNKED, "100000002\r\n{}\r\n" + LAST);
    refused("a chunk longer than its size", CHUNKED, "2\r\n{}}\r\n" + LAST);
    refused("a chunk shorter than its size", CHUNKED, "4\r\n{}\r\n" + LAST);
    refused("a chunk's data without an end", CHUNKED, "2\r\n{}" + LAST);
    refused("a chunk's line that ends in LF", CHUNKED, "2\n{}\r\n" + LAST);
    refused("a chunk's extension that ends in LF", CHUNKED, "2;\n{}\r\n" + LAST);
    refused("a chunk's data that ends in LF", CHUNKED, "2\r\n{}\n" + LAST);
    refused("a chunk's data that ends in CR", CHUNKED, "2\r\n{}\r" + LAST);
    refused("a chunk's extension with a bare CR", CHUNKED, "2;a\rb\r\n{}\r\n" + LAST);
    refused(
        "a chunk's extension of 20,000 bytes",
        CHUNKED,
        "2;" + "x".repeat(20_000) + "\r\n{}\r\n" + LAST);
    refused("a last chunk with a size of spaces", CHUNKED, "  \r\n" + LAST);
    String trailers = CHUNKED + "\r\n0\r\n" + "T: t\r\n".repeat(20_000) + "\r\n";
    all.add(
        ClientCase.of(
            "20,000 trailers", asking.head("HTTP/1.1", "refused") + trailers, 400, 413, 431));
  }

  private void goodChunks() {
    served("a body in one chunk", CHUNKED, IN_CHUNKS);
    StringBuilder single = new StringBuilder();
    Asking.BODY.chars().forEach(c -> single.append(chunk(Character.toString(c))));
    served("a body in chunks of a byte", CHUNKED, single + LAST);
    String body = Asking.BODY;
    String size = Integer.toHexString(body.length());
    served("a chunk with zeros before its size", CHUNKED, "0000" + IN_CHUNKS);
    served("a chunk with an extension", CHUNKED, size + ";a=b\r\n" + body + "\r\n" + LAST);
    served(
        "a chunk with a quoted extension", CHUNKED, size + ";a=\"b;c\"\r\n" + body + "\r\n" + LAST);
    served("trailers", CHUNKED, chunk(body) + "0\r\nX-Sum: 1\r\nX-More: 2\r\n\r\n");
    served("a trailer that frames", CHUNKED, chunk(body) + "0\r\nX-A: 1\r\n\r\n");
    all.add(
        ClientCase.of(
            "trailers that would change the framing",
            asking.post(
                "any",
                CHUNKED,
                chunk(body) + "0\r\nContent-Length: 100\r\nTransfer-Encoding: x\r\n\r\n"),
            200,
            400));
    served("half a mebibyte of spaces in chunks of a byte", CHUNKED, spaces(512 * 1024));
  }

  /// A body that is mostly white space.
  private static String spaces(int count) {
    return chunk("{") + "1\r\n \r\n".repeat(count) + chunk(Asking.BODY.substring(1)) + LAST;
  }
}

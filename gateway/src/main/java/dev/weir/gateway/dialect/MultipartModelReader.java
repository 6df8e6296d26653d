// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.dialect;

import dev.weir.gateway.exchange.ParsedRequest;
import dev.weir.gateway.exchange.answer.ResumeConstraints;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Finds the `model` field of a `multipart/form-data` body (audio uploads). Supports only plain
/// fields: no part encodings, no nested parts.
final class MultipartModelReader {
  private static final Pattern BOUNDARY =
      Pattern.compile(
          ";\\s*boundary=(?:\"([^\"]{1,70})\"|([^;\\s]{1,70}))", Pattern.CASE_INSENSITIVE);
  private static final Pattern NAME =
      Pattern.compile("\\r\\ncontent-disposition:\\s*form-data;[^\\r]*\\bname=\"?(\\w+)\"?");
  private static final byte[] BLANK_LINE = "\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1);
  private static final int MAX_PART_HEAD = 4096;
  private static final int MAX_VALUE = 1024;

  private MultipartModelReader() {}

  static RequestBodyReader.Result read(String contentType, byte[] body) {
    Matcher boundary = BOUNDARY.matcher(contentType);
    if (!boundary.find()) {
      return new RequestBodyReader.Result.Unreadable("multipart/form-data without a boundary");
    }
    String mark = boundary.group(1) != null ? boundary.group(1) : boundary.group(2);
    byte[] delimiter = ("--" + mark).getBytes(StandardCharsets.ISO_8859_1);
    String model = "";
    int start = 0;
    int end = 0;
    boolean stream = false;
    int part = indexOf(body, delimiter, 0);
    while (part >= 0) {
      int head = part + delimiter.length;
      int value = indexOf(body, BLANK_LINE, head);
      int next = indexOf(body, delimiter, head);
      if (value < 0 || next < 0 || value > next || value - head > MAX_PART_HEAD) {
        break;
      }
      value += BLANK_LINE.length;
      String name = name(body, head, value);
      int length = next - 2 - value;
      if (name.equals("model") && length > 0 && length <= MAX_VALUE) {
        if (!model.isEmpty()) {
          return new RequestBodyReader.Result.Unreadable("duplicate field 'model' in the form");
        }
        start = value;
        end = value + length;
        model = new String(body, start, length, StandardCharsets.UTF_8);
      } else if (name.equals("stream") && length > 0 && length <= MAX_VALUE) {
        stream = new String(body, value, length, StandardCharsets.UTF_8).equals("true");
      }
      part = next;
    }
    return model.isEmpty()
        ? new RequestBodyReader.Result.Unreadable("the form field 'model' is missing")
        : new RequestBodyReader.Result.Read(
            new ParsedRequest(
                model,
                start,
                end,
                false,
                stream,
                false,
                false,
                ParsedRequest.TokenIdRequest.UNNAMED,
                false,
                false,
                ResumeConstraints.NONE));
  }

  private static String name(byte[] body, int from, int to) {
    String head = new String(body, from, to - from, StandardCharsets.ISO_8859_1);
    Matcher name = NAME.matcher(head.toLowerCase(Locale.ROOT));
    return name.find() ? name.group(1) : "";
  }

  private static int indexOf(byte[] body, byte[] what, int from) {
    for (int i = from; i <= body.length - what.length; i++) {
      if (matches(body, what, i)) {
        return i;
      }
    }
    return -1;
  }

  private static boolean matches(byte[] body, byte[] what, int at) {
    for (int i = 0; i < what.length; i++) {
      if (body[at + i] != what[i]) {
        return false;
      }
    }
    return true;
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.weir.testkit;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;

/// The subset of DER (X.690) that test certificates need.
final class Der {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyyMMddHHmmss'Z'").withZone(ZoneOffset.UTC);

  private Der() {}

  static byte[] sequence(byte[]... parts) {
    return tagged(0x30, parts);
  }

  static byte[] integer(long value) {
    return tagged(0x02, BigInteger.valueOf(value).toByteArray());
  }

  static byte[] oid(int... bytes) {
    byte[] content = new byte[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      content[i] = (byte) bytes[i];
    }
    return tagged(0x06, content);
  }

  static byte[] bits(byte[] bytes) {
    return tagged(0x03, new byte[] {0}, bytes);
  }

  static byte[] time(Instant at) {
    return tagged(0x18, TIME.format(at).getBytes(StandardCharsets.US_ASCII));
  }

  /// A distinguished name with only a common name.
  static byte[] name(String common) {
    byte[] text = tagged(0x0C, common.getBytes(StandardCharsets.UTF_8));
    return sequence(tagged(0x31, sequence(oid(0x55, 0x04, 0x03), text)));
  }

  /// The extension `basicConstraints` of a certificate authority.
  static byte[] authority() {
    byte[] yes = {0x01, 0x01, (byte) 0xFF};
    return sequence(oid(0x55, 0x1D, 0x13), yes, tagged(0x04, sequence(yes)));
  }

  /// The extension `subjectAltName` with these hosts.
  static byte[] hosts(List<String> hosts) {
    byte[] names = sequence(hosts.stream().map(Der::host).toArray(byte[][]::new));
    return sequence(oid(0x55, 0x1D, 0x11), tagged(0x04, names));
  }

  private static byte[] host(String host) {
    if (!host.matches("[0-9.]+")) {
      return tagged(0x82, host.getBytes(StandardCharsets.US_ASCII));
    }
    String[] numbers = host.split("\\.", -1);
    byte[] address = new byte[numbers.length];
    for (int i = 0; i < numbers.length; i++) {
      address[i] = (byte) Integer.parseInt(numbers[i]);
    }
    return tagged(0x87, address);
  }

  static byte[] tagged(int tag, byte[]... parts) {
    var content = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      content.writeBytes(part);
    }
    var whole = new ByteArrayOutputStream();
    whole.write(tag);
    length(content.size(), whole);
    whole.writeBytes(content.toByteArray());
    return whole.toByteArray();
  }

  private static void length(int length, ByteArrayOutputStream out) {
    if (length < 0x80) {
      out.write(length);
    } else {
      byte[] bytes = BigInteger.valueOf(length).toByteArray();
      int skip = bytes[0] == 0 ? 1 : 0;
      out.write(0x80 | (bytes.length - skip));
      out.write(bytes, skip, bytes.length - skip);
    }
  }
}

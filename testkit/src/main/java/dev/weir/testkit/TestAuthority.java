// SPDX-License-Identifier: Apache-2.0
package dev.weir.testkit;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/// A certificate authority for tests, which issues pairs of PEM files and TLS contexts. The JDK
/// signs but cannot build certificates, so this class assembles their DER (RFC 5280).
public final class TestAuthority {
  private static final String NAME = "weir test authority";

  private final Path folder;
  private final KeyPair keys = keys();
  private final Certificate own;
  private final Map<Pair, Issued> issued = new HashMap<>();

  private TestAuthority(Path folder) {
    this.folder = folder;
    this.own = certificate(NAME, keys, inDays(365), List.of());
  }

  /// A certificate with its chain, and its PKCS#8 key with mode 0600.
  public record Pair(Path certificate, Path key) {}

  private record Issued(KeyPair keys, Certificate certificate) {}

  /// A new authority that stores its files in the folder.
  public static TestAuthority in(Path folder) {
    TestAuthority authority = new TestAuthority(folder);
    write(authority.certificate(), pem(authority.own));
    return authority;
  }

  /// The CA certificate for clients.
  public Path certificate() {
    return folder.resolve("ca.crt");
  }

  /// A pair for this machine: `localhost` and `127.0.0.1`.
  ///
  /// @param days days until it expires; negative for an expired certificate
  public Pair issue(int days) {
    return issue(days, "localhost", "127.0.0.1");
  }

  /// @param days days until it expires; negative for an expired certificate
  /// @param hosts host names or IPv4 addresses
  public Pair issue(int days, String... hosts) {
    String name = "issued-" + issued.size();
    KeyPair pair = keys();
    Certificate certificate = certificate(name, pair, inDays(days), List.of(hosts));
    Pair files = new Pair(folder.resolve(name + ".crt"), folder.resolve(name + ".key"));
    write(files.certificate(), pem(certificate) + pem(own));
    writeKey(files.key(), pem("PRIVATE KEY", pair.getPrivate().getEncoded()));
    issued.put(files, new Issued(pair, certificate));
    return files;
  }

  /// A server context with a pair of this authority.
  public SSLContext server(Pair pair) {
    Issued shown = Optional.ofNullable(issued.get(pair)).orElseThrow();
    try {
      KeyStore store = store();
      char[] none = new char[0];
      Certificate[] chain = {shown.certificate(), own};
      store.setKeyEntry("server", shown.keys().getPrivate(), none, chain);
      KeyManagerFactory managers =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      managers.init(store, none);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(managers.getKeyManagers(), null, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /// A client context that trusts only this authority.
  public SSLContext client() {
    try {
      KeyStore store = store();
      store.setCertificateEntry("authority", own);
      TrustManagerFactory managers =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      managers.init(store);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, managers.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Instant inDays(int days) {
    return InstantSource.system().instant().plus(Duration.ofDays(days));
  }

  private static KeyStore store() throws GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    try {
      store.load(null, null);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    return store;
  }

  private static KeyPair keys() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  // --- the certificate

  /// @param hosts empty for a certificate authority
  private Certificate certificate(String name, KeyPair pair, Instant end, List<String> hosts) {
    byte[] algorithm = Der.sequence(Der.oid(0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x02));
    byte[] body =
        Der.sequence(
            Der.tagged(0xA0, Der.integer(2)),
            Der.integer(System.nanoTime()),
            algorithm,
            Der.name(NAME),
            Der.sequence(Der.time(end.minus(Duration.ofDays(3_000))), Der.time(end)),
            Der.name(name),
            pair.getPublic().getEncoded(),
            Der.tagged(0xA3, Der.sequence(hosts.isEmpty() ? Der.authority() : Der.hosts(hosts))));
    try {
      Signature signature = Signature.getInstance("SHA256withECDSA");
      signature.initSign(keys.getPrivate());
      signature.update(body);
      byte[] whole = Der.sequence(body, algorithm, Der.bits(signature.sign()));
      return CertificateFactory.getInstance("X.509")
          .generateCertificate(new ByteArrayInputStream(whole));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  // --- files

  private static String pem(Certificate certificate) {
    try {
      return pem("CERTIFICATE", certificate.getEncoded());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String pem(String kind, byte[] bytes) {
    String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes);
    return "-----BEGIN " + kind + "-----\n" + text + "\n-----END " + kind + "-----\n";
  }

  private static void write(Path file, String text) {
    try {
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void writeKey(Path file, String text) {
    try {
      Files.createFile(
          file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    write(file, text);
  }
}

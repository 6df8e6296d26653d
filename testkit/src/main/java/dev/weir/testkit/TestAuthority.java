// SPDX-License-Identifier: Apache-2.0
package dev.weir.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/// A certificate authority for tests: makes pairs of PEM files with the JDK's own `keytool`.
public final class TestAuthority {
  private static final String PASSWORD = "changeit";

  private final Path folder;
  private final Path store;
  private int issued;

  private TestAuthority(Path folder) {
    this.folder = folder;
    this.store = folder.resolve("authority.p12");
  }

  /// A certificate with its chain, and its PKCS#8 key with mode 0600.
  public record Pair(Path certificate, Path key) {}

  /// A new authority that keeps its files in the folder.
  public static TestAuthority in(Path folder) {
    TestAuthority authority = new TestAuthority(folder);
    authority.keytool("-alias", "ca", "-dname", "CN=weir test authority", "-ext", "bc:c");
    authority.write(authority.certificate(), List.of(authority.chain("ca").getFirst()));
    return authority;
  }

  /// What a client must trust.
  public Path certificate() {
    return folder.resolve("ca.crt");
  }

  /// A pair for this machine: `localhost` and `127.0.0.1`.
  ///
  /// @param days until it expires
  public Pair issue(int days) {
    return issue(days, "san=dns:localhost,ip:127.0.0.1");
  }

  /// @param days until it expires; below 1 it has expired
  /// @param names as `keytool -ext` takes them, for example `san=dns:example.org`
  public Pair issue(int days, String names) {
    String alias = "issued-" + issued++;
    List<String> flags =
        new ArrayList<>(
            List.of("-alias", alias, "-signer", "ca", "-dname", "CN=" + alias, "-ext", names));
    // Begins early enough to be able to have ended.
    flags.addAll(List.of("-startdate", "-400d", "-validity", Integer.toString(400 + days)));
    keytool(flags.toArray(String[]::new));
    Pair pair = new Pair(folder.resolve(alias + ".crt"), folder.resolve(alias + ".key"));
    write(pair.certificate(), chain(alias));
    writeKey(pair.key(), alias);
    return pair;
  }

  /// What a server shows the pair with.
  public SSLContext server(Pair pair) {
    try {
      String alias = pair.certificate().getFileName().toString().replace(".crt", "");
      KeyStore all = opened();
      KeyStore own = KeyStore.getInstance("PKCS12");
      own.load(null, null);
      own.setKeyEntry(
          alias,
          all.getKey(alias, PASSWORD.toCharArray()),
          PASSWORD.toCharArray(),
          all.getCertificateChain(alias));
      KeyManagerFactory keys =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(own, PASSWORD.toCharArray());
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), null, null);
      return context;
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /// A client that trusts this authority alone.
  public SSLContext client() {
    try {
      KeyStore trusted = KeyStore.getInstance("PKCS12");
      trusted.load(null, null);
      trusted.setCertificateEntry("ca", chain("ca").getFirst());
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(trusted);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, trust.getTrustManagers(), null);
      return context;
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private void keytool(String... flags) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-keystore",
                store.toString(),
                "-storepass",
                PASSWORD,
                "-keyalg",
                "EC",
                "-groupname",
                "secp256r1"));
    command.addAll(List.of(flags));
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (process.waitFor() != 0) {
        throw new IllegalStateException("keytool failed: " + said);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  private KeyStore opened() {
    try (InputStream in = Files.newInputStream(store)) {
      KeyStore opened = KeyStore.getInstance("PKCS12");
      opened.load(in, PASSWORD.toCharArray());
      return opened;
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalStateException("the test authority's store cannot be read", e);
    }
  }

  private List<Certificate> chain(String alias) {
    try {
      return List.of(opened().getCertificateChain(alias));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private void write(Path file, List<Certificate> chain) {
    try {
      StringBuilder text = new StringBuilder();
      for (Certificate certificate : chain) {
        text.append(pem("CERTIFICATE", certificate.getEncoded()));
      }
      Files.writeString(file, text);
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private void writeKey(Path file, String alias) {
    try {
      byte[] key = opened().getKey(alias, PASSWORD.toCharArray()).getEncoded();
      Files.createFile(
          file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      Files.writeString(file, pem("PRIVATE KEY", key));
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String pem(String kind, byte[] bytes) {
    String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes);
    return "-----BEGIN " + kind + "-----\n" + text + "\n-----END " + kind + "-----\n";
  }
}

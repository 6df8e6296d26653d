// SPDX-License-Identifier: Apache-2.0
package dev.weir.control;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.access.Bootstrap;
import dev.weir.control.deployment.EffectivePlacements;
import dev.weir.model.spec.ServiceSpec.Placement;
import dev.weir.model.spec.TargetSpec.ProviderType;
import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.constantpool.MemberRefEntry;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

/// Some facts have one source in `control`: all other classes get them there.
final class SingleSourceTest {
  @Test
  void only_effective_placements_read_the_replica_counts_of_placements() throws Exception {
    assertThat(usersOf(Placement.class, "replicas"))
        .containsExactly(EffectivePlacements.class.getName());
  }

  /// Code checks the traits of a provider instead.
  @Test
  void no_class_names_a_provider_except_the_one_that_creates_the_first_target() throws Exception {
    assertThat(usersOf(ProviderType.class, "PROCESS")).containsExactly(Bootstrap.class.getName());
    assertThat(usersOf(ProviderType.class, "EXTERNAL")).isEmpty();
  }

  /// The top-level classes of the module that use the member.
  private static Set<String> usersOf(Class<?> owner, String member) throws Exception {
    Set<String> users = new TreeSet<>();
    try (Stream<Path> files = Files.walk(classes())) {
      for (Path file : files.filter(path -> path.toString().endsWith(".class")).toList()) {
        ClassModel parsed = ClassFile.of().parse(file);
        if (uses(parsed, owner.getName().replace('.', '/'), member)) {
          users.add(topLevel(parsed.thisClass().asInternalName()));
        }
      }
    }
    return users;
  }

  private static Path classes() throws IOException, URISyntaxException {
    return Path.of(Control.class.getProtectionDomain().getCodeSource().getLocation().toURI());
  }

  private static boolean uses(ClassModel parsed, String owner, String member) {
    return StreamSupport.stream(parsed.constantPool().spliterator(), false)
        .filter(MemberRefEntry.class::isInstance)
        .map(MemberRefEntry.class::cast)
        .anyMatch(entry ->
            entry.owner().asInternalName().equals(owner) && entry.name().equalsString(member));
  }

  private static String topLevel(String internalName) {
    return internalName.replace('/', '.').replaceAll("\\$.*", "");
  }
}

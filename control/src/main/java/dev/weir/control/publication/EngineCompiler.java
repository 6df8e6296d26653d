// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.publication;

import dev.weir.model.EngineSpec;
import dev.weir.model.codec.EngineProfiles;
import dev.weir.model.engine.EngineApi;
import dev.weir.model.engine.EngineProfile;
import dev.weir.model.engine.ResumeMethod;
import dev.weir.snapshot.EngineCapabilities;
import java.util.Locale;

/// Compiles what gateways must know about a version's engine.
final class EngineCompiler {
  private EngineCompiler() {}

  static EngineCapabilities compile(EngineSpec engine) {
    EngineProfile profile = EngineProfiles.of(engine);
    return new EngineCapabilities(
        profile.apis().stream().map(EngineApi::text).toList(),
        profile.resume().contains(ResumeMethod.COMPLETION_TEXT),
        profile.resume().contains(ResumeMethod.CHAT_TEXT),
        profile.resume().contains(ResumeMethod.TOKEN_IDS),
        profile.completionTokens(),
        profile.contextTooLong().codes(),
        profile.contextTooLong().texts().stream()
            .map(text -> text.toLowerCase(Locale.ROOT))
            .toList());
  }
}

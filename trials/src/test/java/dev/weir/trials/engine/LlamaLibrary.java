// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.engine;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The binding `de.kherud:llama` to llama.cpp, called by name: it is native code that not every
/// machine can load, so everything else compiles and runs without it, and the trial says what is
/// missing.
final class LlamaLibrary {
  private static final String PACKAGE = "de.kherud.llama.";

  private final Object model;

  /// @throws IllegalStateException when the library, its native part or the model cannot be loaded
  LlamaLibrary(Path file) {
    Object parameters = make("ModelParameters");
    call(parameters, "setModel", file.toString());
    call(parameters, "setCtxSize", 2048);
    call(parameters, "setParallel", 4);
    call(parameters, "setThreads", 1);
    call(parameters, "disableLog");
    this.model = make("LlamaModel", parameters);
  }

  /// A class of the binding, as a place to find its jar.
  static Class<?> home() {
    try {
      return Class.forName(PACKAGE + "LlamaModel", false, LlamaLibrary.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException("de.kherud:llama is not on the class path", e);
    }
  }

  /// Begins to generate.
  Tokens generate(Asked asked) {
    Object parameters = make("InferenceParameters", asked.prompt());
    call(parameters, "setTemperature", asked.temperature());
    call(parameters, "setTopP", asked.topP());
    call(parameters, "setSeed", asked.seed());
    call(parameters, "setRepeatPenalty", 1.0f);
    call(parameters, "setCachePrompt", false);
    call(parameters, "setNPredict", asked.maxTokens());
    if (!asked.stop().isEmpty()) {
      call(parameters, "setStopStrings", (Object) asked.stop().toArray(String[]::new));
    }
    Object outputs = call(model, "generate", parameters);
    return new Tokens(((Iterable<?>) outputs).iterator());
  }

  int countTokens(String text) {
    return ((int[]) call(model, "encode", text)).length;
  }

  /// The tokens of one generation as they come.
  record Tokens(Iterator<?> outputs) {
    boolean hasNext() {
      return outputs.hasNext();
    }

    String next() {
      Object output = outputs.next();
      try {
        return String.valueOf(output.getClass().getField("text").get(output));
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException("an output without text", e);
      }
    }

    void cancel() {
      Object _ = call(outputs, "cancel");
    }
  }

  private static Object make(String name, Object... arguments) {
    try {
      return Class.forName(PACKAGE + name).getConstructors()[0].newInstance(arguments);
    } catch (InvocationTargetException e) {
      throw failed(name, e.getCause());
    } catch (ReflectiveOperationException | LinkageError e) {
      throw failed(name, e);
    }
  }

  private static Object call(Object target, String name, Object... arguments) {
    for (Method method : target.getClass().getMethods()) {
      if (method.getName().equals(name) && takes(method, arguments)) {
        try {
          Object result = method.invoke(target, arguments);
          return result == null ? List.of() : result;
        } catch (InvocationTargetException e) {
          throw failed(name, e.getCause());
        } catch (IllegalAccessException e) {
          throw failed(name, e);
        }
      }
    }
    throw new IllegalStateException(target.getClass() + " has no " + name);
  }

  /// Overloads differ in whether they take a text.
  private static boolean takes(Method method, Object... arguments) {
    Class<?>[] types = method.getParameterTypes();
    return types.length == arguments.length
        && (types.length == 0 || types[0].isPrimitive() || types[0].isInstance(arguments[0]));
  }

  private static IllegalStateException failed(String what, @Nullable Throwable why) {
    return new IllegalStateException("llama.cpp: " + what + ": " + why, why);
  }
}

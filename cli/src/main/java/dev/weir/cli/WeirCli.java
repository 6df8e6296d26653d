// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.cli.doctor.DoctorCheck;
import dev.weir.cli.doctor.DoctorCommand;
import dev.weir.cli.resource.ApplyCommand;
import dev.weir.cli.resource.DeleteCommand;
import dev.weir.cli.resource.DescribeCommand;
import dev.weir.cli.resource.DiffCommand;
import dev.weir.cli.resource.GetCommand;
import dev.weir.cli.resource.HistoryCommand;
import dev.weir.cli.resource.PlanCommand;
import dev.weir.cli.session.CliException;
import dev.weir.cli.session.CliIo;
import dev.weir.cli.session.CommandSession;
import dev.weir.cli.session.ErrorMessages;
import dev.weir.cli.session.ExitStatus;
import dev.weir.cli.session.GlobalOptions;
import dev.weir.cli.session.OutputClosedException;
import dev.weir.cli.text.TerminalSanitizer;
import dev.weir.client.RetryDelay;
import dev.weir.client.WeirApiException;
import dev.weir.client.WeirClient;
import dev.weir.model.RetiredNames;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.IExitCodeGenerator;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/// The `weir` command: its subcommands and the mapping of results to exit statuses.
///
/// An instance is used for one run.
public final class WeirCli {
  private final String version;
  private final CliIo io;
  private final GlobalOptions options = new GlobalOptions();
  private final CommandSession session;
  private final DoctorCheck machine;

  /// @param version of Weir, for example `0.1.0`
  public WeirCli(String version, CliIo io) {
    this(version, io, RetryDelay.real(), DoctorCheck.nothing());
  }

  /// @param machine the checks of `weir doctor` for this machine
  public WeirCli(String version, CliIo io, DoctorCheck machine) {
    this(version, io, RetryDelay.real(), machine);
  }

  WeirCli(String version, CliIo io, RetryDelay pause) {
    this(version, io, pause, DoctorCheck.nothing());
  }

  private WeirCli(String version, CliIo io, RetryDelay pause, DoctorCheck machine) {
    this.machine = machine;
    this.version = version;
    this.io = io;
    this.session = new CommandSession(io, options, pause);
  }

  /// The client of the control plane that the command line, a context or the environment selects;
  /// for mounted commands while they run.
  public WeirClient client() {
    return session.client();
  }

  /// The session of the run; for mounted commands while they run.
  public CommandSession session() {
    return session;
  }

  /// Runs one command line.
  ///
  /// @param moreSubcommands picocli commands to mount; an exception from them is reported in one
  ///   line and exits with status 1, or with the status that it generates
  /// @return the exit status: 0 OK, 1 error, 64 invalid usage, 130 interrupted, 141 output closed;
  ///   commands add their own
  public int run(List<?> moreSubcommands, String... arguments) {
    try (session) {
      String[] current = RetiredOptions.renamed(RetiredNames.current(), arguments, session::note);
      int status = commandLine(moreSubcommands).execute(current);
      return status == ExitStatus.OK && io.out().checkError() ? ExitStatus.UNREAD : status;
    }
  }

  /// The command line that `run` executes.
  ///
  /// @param moreSubcommands picocli commands, annotated objects or `CommandLine`s
  public CommandLine commandLine(List<?> moreSubcommands) {
    CommandLine root = new CommandLine(new Root());
    subcommands().forEach(root::addSubcommand);
    CommandLine help = new CommandLine(new HelpCommand());
    help.getCommandSpec().usageMessage().description("Show help for a command.");
    root.addSubcommand(help);
    moreSubcommands.forEach(root::addSubcommand);
    root.addSubcommand(new CompletionCommand(session, root));
    addHelp(root.getCommandSpec());
    options.attachTo(root.getCommandSpec());
    HelpText.install(root, options);
    root.setOut(io.out());
    root.setErr(io.err());
    root.setColorScheme(
        CommandLine.Help.defaultColorScheme(session.style().colour() ? Ansi.ON : Ansi.OFF));
    root.setParameterExceptionHandler((misuse, _) -> invalidUsage(misuse));
    root.setExecutionExceptionHandler((failure, line, _) -> failed(failure, line));
    return root;
  }

  private List<Object> subcommands() {
    return List.of(
        new ApplyCommand(session),
        new PlanCommand(session),
        new DiffCommand(session),
        new DeleteCommand(session),
        new GetCommand(session),
        new DescribeCommand(session),
        new HistoryCommand(session),
        AdviseCommand.of(session),
        RolloutCommands.of(session),
        ReplicaCommands.of(session),
        FaultCommands.of(session),
        AlertCommands.of(session),
        new LogsCommand(session),
        new ExplainCommand(session),
        AuditCommands.of(session),
        KeyCommands.of(session),
        ContextCommands.of(session),
        new BackupCommand(session),
        new DoctorCommand(session, machine),
        new WhoAmICommand(session),
        new VersionCommand(session, version));
  }

  /// Without a subcommand it prints the overview.
  @Command(
      name = "weir",
      exitCodeListHeading = ExitStatus.HEADING,
      exitCodeList = {
        "0:done",
        "1:error; one line on standard error names the cause and the remedy",
        "64:wrong usage",
        "130:interrupted",
        "141:the reader of standard output closed it"
      })
  private static final class Root implements Runnable {
    @Spec private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
      spec.commandLine().usage(spec.commandLine().getOut());
    }
  }

  /// Mounted commands may define their own help option.
  private static void addHelp(CommandSpec spec) {
    if (!spec.optionsMap().containsKey("--help") && !spec.optionsMap().containsKey("-h")) {
      spec.addOption(
          OptionSpec.builder("-h", "--help")
              .type(boolean.class)
              .arity("0")
              .usageHelp(true)
              .description("show help")
              .build());
    }
    spec.subcommands().values().forEach(line -> addHelp(line.getCommandSpec()));
  }

  private int invalidUsage(ParameterException misuse) {
    List<String> guesses =
        misuse instanceof UnmatchedArgumentException unmatched
            ? unmatched.getSuggestions()
            : List.of();
    String meant = guesses.isEmpty() ? "" : "; did you mean " + guesses.getFirst() + "?";
    return usage(describe(misuse) + meant, misuse.getCommandLine());
  }

  private static String describe(ParameterException misuse) {
    boolean command =
        misuse instanceof UnmatchedArgumentException unmatched
            && !unmatched.isUnknownOption()
            && !misuse.getCommandLine().getSubcommands().isEmpty();
    return command
        ? "unknown command '"
            + TerminalSanitizer.line(
                ((UnmatchedArgumentException) misuse).getUnmatched().getFirst())
            + "'"
        : TerminalSanitizer.line(String.valueOf(misuse.getMessage()));
  }

  private int usage(String message, CommandLine line) {
    String command = line.getCommandSpec().qualifiedName(" ");
    session.note("weir: " + message + " (see `" + command + " --help`)");
    return ExitStatus.USAGE;
  }

  private int failed(Exception failure, CommandLine line) {
    if (failure instanceof OutputClosedException) {
      return ExitStatus.UNREAD;
    }
    if (failure instanceof CliException misuse && misuse.status() == ExitStatus.USAGE) {
      return usage(ErrorMessages.describe(misuse), line);
    }
    session.note("weir: " + session.describe(failure));
    if (options.verbose()) {
      if (failure instanceof WeirApiException refused) {
        session.note("weir: status " + refused.status() + ", request " + refused.requestId());
      }
      failure.printStackTrace(io.err());
    }
    return switch (failure) {
      case InterruptedException _ -> ExitStatus.INTERRUPTED;
      case IExitCodeGenerator own -> own.getExitCode();
      default -> ExitStatus.ERROR;
    };
  }
}

package io.embeddingoperator.runner.testing;

import io.embeddingoperator.api.contract.EnvironmentVariable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * A command line of the packaged application and the environment that it gets; nothing of the tests' own environment that
 * the runner would read is passed on.
 *
 * @param arguments of {@code embedding-runner}
 * @param environment variables of the runner
 * @param group that the process enters before it becomes the runner
 */
public record RunnerCommand(
        List<String> arguments, Map<String, String> environment, Optional<TestingControlGroup> group) {
    /** Of the JVM; what is set with {@link #with} stands behind those that this class gives, and wins. */
    public static final String JAVA_OPTIONS = "EMBEDDING_RUNNER_JAVA_OPTIONS";

    /** Optimized code takes a third of a short run's processor time to make, and saves less. */
    private static final String WITHOUT_OPTIMIZED_CODE = "-XX:TieredStopAtLevel=1";

    private static final String WITH_OPTIMIZED_CODE = "-XX:TieredStopAtLevel=4";

    private static final Set<String> READ_BY_THE_RUNNER = Set.of(
            EnvironmentVariable.SOURCE_URI,
            EnvironmentVariable.SINK_URI,
            EnvironmentVariable.SHARD_INDEX,
            EnvironmentVariable.HTTP_PORT,
            EnvironmentVariable.HTTP_ADDRESS,
            EnvironmentVariable.SOURCE_FOLDER,
            EnvironmentVariable.LOG_FORMAT,
            EnvironmentVariable.HUB_ENDPOINT,
            EnvironmentVariable.HUB_TOKEN,
            EnvironmentVariable.TERMINATION_MESSAGE_PATH);

    public RunnerCommand {
        arguments = List.copyOf(arguments);
        environment = Map.copyOf(environment);
    }

    public RunnerCommand(List<String> arguments, Map<String, String> environment) {
        this(arguments, environment, Optional.empty());
    }

    public static RunnerCommand of(String... arguments) {
        return new RunnerCommand(List.of(arguments), Map.of());
    }

    /** {@code embedding-runner run -f MANIFEST}, with one database as source and sink. */
    public static RunnerCommand run(Path manifest, String database) {
        return of("run", "-f", manifest.toString())
                .with(EnvironmentVariable.SOURCE_URI, database)
                .with(EnvironmentVariable.SINK_URI, database);
    }

    /** The same command with a variable set. */
    public RunnerCommand with(String variable, String value) {
        Map<String, String> changed = new TreeMap<>(environment);
        changed.put(variable, value);
        return new RunnerCommand(arguments, changed, group);
    }

    /** The same command in a JVM that compiles as a user's does, for what is measured or works for long. */
    public RunnerCommand withOptimizedCode() {
        return with(JAVA_OPTIONS, WITH_OPTIMIZED_CODE + " " + environment.getOrDefault(JAVA_OPTIONS, ""));
    }

    /** The same command with the limits of a control group. */
    public RunnerCommand in(TestingControlGroup limits) {
        return new RunnerCommand(arguments, environment, Optional.of(limits));
    }

    /** The same command without a variable. */
    public RunnerCommand without(String variable) {
        Map<String, String> changed = new TreeMap<>(environment);
        changed.remove(variable);
        return new RunnerCommand(arguments, changed, group);
    }

    /** The same command for one shard, as a pod of an Indexed Job runs it. */
    public RunnerCommand forShard(int shard) {
        return with(EnvironmentVariable.SHARD_INDEX, Integer.toString(shard));
    }

    public RunnerProcess start() {
        return start(List.of());
    }

    /** Starts it, of root too, without the right to read what a file's mode forbids, and waits for its end. */
    public RunnerProcess executeWithoutPrivileges() {
        boolean privileged = System.getProperty("user.name").equals("root");
        return start(privileged ? List.of("setpriv", "--bounding-set=-all") : List.of())
                .await();
    }

    private RunnerProcess start(List<String> prefix) {
        List<String> line = new ArrayList<>(prefix);
        line.addAll(group.map(TestingControlGroup::prefix).orElse(List.of()));
        // A build in the background of a shell ignores SIGINT and hands that on.
        line.addAll(List.of("env", "--default-signal=INT", "bash", launcher().toString()));
        line.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(line);
        builder.environment().keySet().removeAll(READ_BY_THE_RUNNER);
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().putAll(environment);
        builder.environment()
                .put(JAVA_OPTIONS, WITHOUT_OPTIMIZED_CODE + " " + environment.getOrDefault(JAVA_OPTIONS, ""));
        try {
            Path output = Files.createTempFile("embedding-runner", ".out");
            Path errors = Files.createTempFile("embedding-runner", ".err");
            Process process = builder.redirectOutput(output.toFile())
                    .redirectError(errors.toFile())
                    .start();
            process.getOutputStream().close();
            return new RunnerProcess(process, output, errors);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts it and waits for its end. */
    public RunnerProcess execute() {
        return start().await();
    }

    private static Path launcher() {
        Path application = Path.of(System.getProperty("embedding.application"));
        Path launcher = application.resolve("bin/embedding-runner");
        if (!Files.isRegularFile(launcher)) {
            throw new IllegalStateException(launcher + " does not exist: package the application first");
        }
        ApplicationCaches.ensure(application);
        return launcher;
    }
}

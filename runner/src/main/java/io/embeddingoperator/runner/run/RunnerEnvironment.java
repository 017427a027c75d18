package io.embeddingoperator.runner.run;

import io.embeddingoperator.api.contract.EnvironmentVariable;
import io.embeddingoperator.api.contract.Progress;
import io.embeddingoperator.api.contract.TerminationMessage;
import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.logging.LogFormat;
import io.embeddingoperator.runner.manifest.Manifest;
import io.embeddingoperator.runner.postgres.ConnectionUri;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What a runner learns from its environment: connections, which shard it is, and where it tells of its progress. The names
 * are those of {@link EnvironmentVariable}.
 *
 * @param run the number of the run; empty where no operator counts runs
 * @param shard empty where this process runs all shards
 * @param progressAddress where /progress is answered; empty where it is not asked for
 * @param sourceFolder that a volume source's files lie in; empty for the working folder of a person
 * @param logFormat how this process writes its log
 * @param terminationMessage where the last progress is written; empty outside a pod
 */
public record RunnerEnvironment(
        Map<String, String> variables,
        OptionalInt run,
        OptionalInt shard,
        Optional<InetSocketAddress> progressAddress,
        Optional<Path> sourceFolder,
        LogFormat logFormat,
        Optional<Path> terminationMessage) {

    public static RunnerEnvironment of(Map<String, String> variables) {
        return new RunnerEnvironment(
                Map.copyOf(variables),
                number(variables, EnvironmentVariable.RUN, Integer.MAX_VALUE),
                number(variables, EnvironmentVariable.SHARD_INDEX, Integer.MAX_VALUE),
                progressAddress(variables),
                sourceFolder(variables),
                logFormat(variables),
                terminationMessage(variables));
    }

    /** @throws SpecificationException when the variable is missing or is no connection URI */
    public ConnectionUri connection(String variable) {
        return ConnectionUri.parse(variable, variables.get(variable));
    }

    /** The number of the run: the operator's count or, where no operator counts, the manifest's runNonce. */
    int run(Manifest manifest) {
        return run.orElseGet(() -> manifest.spec().runNonce());
    }

    /** This process, as its progress names it. */
    Progress.Process process(Manifest manifest) {
        return new Progress.Process(manifest.job(), run(manifest), shard.isPresent() ? shard.getAsInt() : null);
    }

    /** As above, with sessions that a person finds by the job's name in pg_stat_activity. */
    ConnectionUri connection(String variable, Manifest manifest) {
        String task = shard.isPresent() ? "/" + shard.getAsInt() : "";
        return connection(variable)
                .inTheNameOf("embedding-runner %s %d%s".formatted(manifest.job(), run(manifest), task));
    }

    private static OptionalInt number(Map<String, String> variables, String name, int most) {
        Optional<String> named = named(variables, name);
        if (named.isEmpty()) {
            return OptionalInt.empty();
        }
        String value = named.get();
        try {
            int number = Integer.parseInt(value.strip());
            if (number >= 0 && number <= most) {
                return OptionalInt.of(number);
            }
        } catch (NumberFormatException e) {
            // The sentence below is the same for every value that does not fit.
        }
        throw refused(name, value, "use a whole number from 0 to %d".formatted(most));
    }

    private static Optional<InetSocketAddress> progressAddress(Map<String, String> variables) {
        OptionalInt port = number(variables, EnvironmentVariable.HTTP_PORT, ListeningAddress.MAX_PORT);
        Optional<InetAddress> address = named(variables, EnvironmentVariable.HTTP_ADDRESS)
                .map(value -> ListeningAddress.parse(
                        value, advice -> refused(EnvironmentVariable.HTTP_ADDRESS, value, advice)));
        return port.isEmpty()
                ? Optional.empty()
                // An InetSocketAddress without an address stands for all of the machine's.
                : Optional.of(new InetSocketAddress(address.orElse(null), port.getAsInt()));
    }

    private static Optional<Path> sourceFolder(Map<String, String> variables) {
        return named(variables, EnvironmentVariable.SOURCE_FOLDER).map(RunnerEnvironment::folder);
    }

    private static Path folder(String value) {
        Path folder = Path.of(value);
        if (!Files.isDirectory(folder)) {
            throw refused(
                    EnvironmentVariable.SOURCE_FOLDER,
                    value,
                    "use a folder that exists, the one that spec.source.volume.path begins in");
        }
        return folder;
    }

    private static LogFormat logFormat(Map<String, String> variables) {
        return LogFormat.of(variables)
                .orElseThrow(() -> refused(
                        EnvironmentVariable.LOG_FORMAT,
                        variables.getOrDefault(EnvironmentVariable.LOG_FORMAT, ""),
                        "use text or json"));
    }

    private static Optional<Path> terminationMessage(Map<String, String> variables) {
        return named(variables, EnvironmentVariable.TERMINATION_MESSAGE_PATH)
                .map(Path::of)
                // Kubernetes creates the file before the container starts; elsewhere it is not there.
                .or(() -> Optional.of(Path.of(TerminationMessage.DEFAULT_PATH)).filter(Files::isWritable));
    }

    private static Optional<String> named(Map<String, String> variables, String name) {
        return Optional.ofNullable(variables.get(name)).filter(value -> !value.isBlank());
    }

    private static SpecificationException refused(String name, String value, String advice) {
        return new SpecificationException("the environment variable %s is \"%s\": %s".formatted(name, value, advice));
    }
}

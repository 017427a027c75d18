package io.embeddingoperator.runner.run;

import io.embeddingoperator.api.contract.EnvironmentVariable;
import io.embeddingoperator.api.contract.TerminationMessage;
import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.postgres.ConnectionUri;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What a runner learns from its environment: connections, which shard it is, and where it tells of its progress. The names
 * are those of {@link EnvironmentVariable}.
 *
 * @param shard empty where this process runs all shards
 * @param httpPort empty where nobody asks for progress over HTTP
 * @param terminationMessage where the last progress is written; empty outside a pod
 */
public record RunnerEnvironment(
        Map<String, String> variables, OptionalInt shard, OptionalInt httpPort, Optional<Path> terminationMessage) {
    private static final int MAX_PORT = 65_535;

    public static RunnerEnvironment of(Map<String, String> variables) {
        return new RunnerEnvironment(
                Map.copyOf(variables),
                number(variables, EnvironmentVariable.SHARD_INDEX, Integer.MAX_VALUE),
                number(variables, EnvironmentVariable.HTTP_PORT, MAX_PORT),
                terminationMessage(variables));
    }

    /** @throws SpecificationException when the variable is missing or is no connection URI */
    public ConnectionUri connection(String variable) {
        return ConnectionUri.parse(variable, variables.get(variable));
    }

    private static OptionalInt number(Map<String, String> variables, String name, int most) {
        String value = variables.get(name);
        if (value == null || value.isBlank()) {
            return OptionalInt.empty();
        }
        try {
            int number = Integer.parseInt(value.strip());
            if (number >= 0 && number <= most) {
                return OptionalInt.of(number);
            }
        } catch (NumberFormatException e) {
            // The sentence below is the same for every value that does not fit.
        }
        throw new SpecificationException(
                "the environment variable %s is \"%s\": use a whole number from 0 to %d".formatted(name, value, most));
    }

    private static Optional<Path> terminationMessage(Map<String, String> variables) {
        String named = variables.get(EnvironmentVariable.TERMINATION_MESSAGE_PATH);
        if (named != null && !named.isBlank()) {
            return Optional.of(Path.of(named));
        }
        // Kubernetes creates the file before the container starts; elsewhere it is not there.
        return Optional.of(Path.of(TerminationMessage.DEFAULT_PATH)).filter(Files::isWritable);
    }
}

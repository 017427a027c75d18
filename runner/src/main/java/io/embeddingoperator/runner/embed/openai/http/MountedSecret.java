package io.embeddingoperator.runner.embed.openai.http;

import io.embeddingoperator.runner.failure.SpecificationException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A secret of the process.
 *
 * @param origin the field that names it, for a person
 * @param form what it looks like
 * @param variable that holds it
 * @param file where it stands as it is by now, if anywhere
 */
record MountedSecret(String origin, Form form, String variable, String value, Optional<Path> file) implements Secret {
    private static final Logger LOG = LoggerFactory.getLogger(MountedSecret.class);

    /** What characters it may have, all of them printable. */
    enum Form {
        API_KEY("API key", '!'),
        /** With spaces inside. */
        HEADER("header", ' ');

        private final String word;
        private final char least;

        Form(String word, char least) {
            this.word = word;
            this.least = least;
        }
    }

    /** Empty where the variable is not set. */
    static Optional<MountedSecret> of(
            String origin, Form form, String variable, Optional<Path> file, Map<String, String> variables) {
        return usable(form, variable, variables.get(variable))
                .map(value -> new MountedSecret(origin, form, variable, value, file));
    }

    /** As its file has it by now; a Secret that is gone, or is being written, is no other one. */
    @Override
    public MountedSecret renewed() {
        Optional<String> content = file.flatMap(this::content).filter(other -> !other.equals(value));
        content.ifPresent(_ -> LOG.info("{} was rotated: going on with what its file holds now", origin));
        return content.map(other -> new MountedSecret(origin, form, variable, other, file))
                .orElse(this);
    }

    private Optional<String> content(Path path) {
        try {
            return usable(form, variable, Files.readString(path));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** Secrets that were made from files often end in a line feed. */
    private static Optional<String> usable(Form form, String variable, @Nullable String given) {
        Optional<String> stripped =
                Optional.ofNullable(given).map(String::strip).filter(value -> !value.isEmpty());
        stripped.filter(value -> value.chars().anyMatch(c -> c < form.least || c > '~'))
                .ifPresent(_ -> {
                    throw new SpecificationException(
                            "the environment variable %s holds characters that no %s has: give it alone, in one line"
                                    .formatted(variable, form.word));
                });
        return stripped;
    }

    /** The origin alone. */
    @Override
    public String toString() {
        return origin;
    }
}

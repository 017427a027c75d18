package io.embeddingoperator.openai.simulator.batch;

import io.embeddingoperator.openai.simulator.account.Model;
import java.util.List;
import java.util.Optional;

/**
 * What validation finds in a file.
 *
 * @param index of its lines; of a file with errors of the lines before the first one
 * @param model of all lines; empty where no line names one that is known
 * @param inputs texts over all lines
 * @param tokens of these texts
 */
record CheckedInput(
        LineIndex index, Optional<Model> model, String modelName, long inputs, long tokens, List<BatchError> errors) {
    CheckedInput {
        errors = List.copyOf(errors);
    }
}

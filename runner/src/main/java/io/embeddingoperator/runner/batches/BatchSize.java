package io.embeddingoperator.runner.batches;

import io.embeddingoperator.runner.embed.openai.reply.BatchFileLimits;
import io.embeddingoperator.runner.failure.SpecificationException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How many texts the next batch of a shard gets. A file that the provider refuses as a whole costs nothing, and does not always
 * say which line is at fault: its documents are divided among smaller ones until the guilty one stands alone, and that one is
 * embedded by a request, which tells what is wrong with it. Where nothing is wrong with one after the other, the batches are at
 * fault, and the job stops: requests cost twice as much.
 */
final class BatchSize {
    private static final Logger LOG = LoggerFactory.getLogger(BatchSize.class);

    /** Good documents that no batch took, with no batch between that was taken: more of them are no accident. */
    private static final int MOST_ALONE = 2;

    private int inputs = BatchFileLimits.INPUTS;
    private Optional<String> refusal = Optional.empty();
    private int alone;

    /** 0 when the next document is to be embedded by a request. */
    synchronized int inputs() {
        return inputs;
    }

    /** A batch of so many texts was refused, with a sentence of the provider. */
    synchronized void refused(int texts, String sentence) {
        refusal = Optional.of(sentence);
        inputs = Math.min(inputs, texts / 2);
    }

    /** The provider works on a batch. */
    synchronized void accepted() {
        refusal = Optional.empty();
        alone = 0;
        grow();
    }

    /** @throws SpecificationException when no further document may be embedded by a request, because batches never work */
    synchronized void checkAlone() {
        if (alone >= MOST_ALONE) {
            throw new SpecificationException(
                    ("the provider refuses each batch, down to one document that a request embeds: %s: see to what it says, or"
                                    + " set spec.embedder.openai.mode to Realtime, at the price of requests")
                            .formatted(refusal.orElseThrow()));
        }
    }

    /** A document was tried by a request, and is good where it has its vectors. */
    synchronized void embeddedAlone(boolean good) {
        if (good && refusal.isPresent()) {
            alone++;
            LOG.warn("a document that no batch takes was embedded by a request, at its price: {}", refusal.get());
        }
        grow();
    }

    private void grow() {
        inputs = Math.clamp(2L * inputs, 1, BatchFileLimits.INPUTS);
    }
}

package io.embeddingoperator.runner.pipeline;

import io.embeddingoperator.api.contract.PrintableText;
import io.embeddingoperator.runner.document.Document;
import io.embeddingoperator.runner.embed.TokenizedText;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Warns of the first document with a chunk that is mostly unknown to the model; how many there are, the counters tell. */
final class UnknownTexts {
    private static final Logger LOG = LoggerFactory.getLogger(UnknownTexts.class);

    private final AtomicBoolean warned = new AtomicBoolean();

    void look(PreparedDocument prepared) {
        boolean any = prepared.texts().stream().anyMatch(TokenizedText::mostlyUnknown);
        if (any && warned.compareAndSet(false, true)) {
            Document document = prepared.document();
            LOG.warn(
                    "document {} ({}): at least half of the tokens of a chunk are unknown to the model, so its vector says little of the text:"
                            + " choose a model for the languages of these documents, such as a multilingual one (told once;"
                            + " the end of the run tells how many such chunks there are)",
                    PrintableText.of(document.key().toString()),
                    PrintableText.of(document.location()));
        }
    }
}

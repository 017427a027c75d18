package io.embeddingoperator.runner.batches;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.runner.embed.openai.batch.ResultLine;
import io.embeddingoperator.runner.embed.openai.reply.ReplyFlaw;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ImportLedgerTest {
    private static final String BATCH = "b";
    private static final float[][] VECTORS = {{1, 2}};
    private static final float[][] OTHER_VECTORS = {{2, 1}};

    private final ImportLedger ledger = new ImportLedger(BATCH, new int[] {1, 1, 1, 0});

    @Test
    void storesTheFirstVectorsOfADocumentAndNoOthers() {
        assertThat(ledger.note(new ResultLine.Embedded("b-00001", VECTORS, 5))).hasValue(1);
        assertThat(ledger.note(new ResultLine.Embedded("b-00001", VECTORS, 5))).isEmpty();
        assertThat(ledger.note(new ResultLine.Embedded("b-00001", OTHER_VECTORS, 5)))
                .isEmpty();

        assertThat(ledger.embedded()).isEqualTo(1);
        assertThat(ledger.billedTokens()).isEqualTo(5);
        assertThat(ledger.remarks().orElseThrow())
                .isEqualTo("2 lines repeat a document; 1 of them with other vectors: the first ones are kept");
    }

    @Test
    void failsADocumentForItsContentAndHasAllOthersDoneAgain() {
        // when
        ledger.note(new ResultLine.Refused("b-00000", 400, null, "too long"));
        ledger.note(new ResultLine.Refused("b-00001", 503, "server_is_overloaded", null));
        ledger.note(new ResultLine.NotRun("b-00002", "batch_expired", null));

        // then
        assertThat(ledger.refused()).containsExactly(Map.entry(0, "the provider refuses it: too long"));
        assertThat(ledger.undone()).containsExactly(Map.entry(1, "the provider answered 503 server_is_overloaded"));
        assertThat(ledger.notRun()).containsExactly(Map.entry(2, "the provider did not work on it (batch_expired)"));
    }

    @Test
    void countsVectorsWhateverElseIsSaidOfTheDocument() {
        // when the error file names documents that the output has, and the other way round
        ledger.note(new ResultLine.Embedded("b-00000", VECTORS, 1));
        ledger.note(new ResultLine.Refused("b-00000", 400, null, "too long"));
        ledger.note(new ResultLine.Refused("b-00001", 400, null, "too long"));
        ledger.note(new ResultLine.Embedded("b-00001", VECTORS, 1));
        ledger.note(new ResultLine.NotRun("b-00002", "batch_expired", null));
        ledger.note(new ResultLine.Refused("b-00002", 400, null, "too long"));

        // then
        assertThat(ledger.refused()).containsOnlyKeys(2);
        assertThat(ledger.undone()).isEmpty();
        assertThat(ledger.notRun()).isEmpty();
    }

    @Test
    void billsWhatCannotBeUsedAndWhatIsStoredAlready() {
        ledger.note(new ResultLine.Unusable("b-00000", 7, new ReplyFlaw.NoEmbeddings("it holds no vectors")));
        ledger.note(new ResultLine.PassedOver("b-00003", 11));
        ledger.note(new ResultLine.PassedOver("b-00003", 11));
        ledger.note(new ResultLine.PassedOver("elsewhere-00001", 13));

        assertThat(ledger.billedTokens()).isEqualTo(18);
        assertThat(ledger.undone())
                .containsExactly(Map.entry(0, "the provider's reply cannot be used: it holds no vectors"));
    }

    @Test
    void passesOverLinesThatBelongToNobody() {
        assertThat(ledger.expected("elsewhere-00001")).isZero();
        assertThat(ledger.expected("b-00004")).isZero();
        assertThat(ledger.expected("b-00003")).isZero();
        assertThat(ledger.expected("b-00002")).isEqualTo(1);

        ledger.note(new ResultLine.Refused("b-00004", 400, null, "too long"));
        ledger.note(new ResultLine.Refused("b-00003", 400, null, "a document that waits no longer"));
        ledger.note(new ResultLine.Garbage("it ends in the middle"));

        assertThat(ledger.refused()).isEmpty();
        assertThat(ledger.remarks().orElseThrow())
                .isEqualTo("1 lines belong to no document of the batch;"
                        + " 1 lines cannot be read (the first: it ends in the middle)");
    }

    @Test
    void findsTheDimensionsWrongOnlyWhereNoDocumentEverGotVectors() {
        // given
        ResultLine wrong = new ResultLine.Unusable(
                "b-00000", 7, new ReplyFlaw.OtherDimensions("vector 0 has 3 dimensions, not 2", 3));
        ImportLedger fresh = new ImportLedger(BATCH, new int[] {1, 1});
        fresh.note(wrong);
        ledger.note(wrong);

        // then
        assertThat(ledger.wrongDimensions(2))
                .as("where a document is done already")
                .isEmpty();
        assertThat(fresh.wrongDimensions(2))
                .hasValueSatisfying(sentence -> assertThat(sentence)
                        .contains("vectors of 3 numbers, and spec.embedder.openai.dimensions is 2"));

        // and when
        fresh.note(new ResultLine.Embedded("b-00001", VECTORS, 5));

        // then
        assertThat(fresh.wrongDimensions(2)).isEmpty();
    }
}

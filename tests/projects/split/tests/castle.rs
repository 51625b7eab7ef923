#[test]
fn the_king_castles() {
    split::Board::default().castle();
}

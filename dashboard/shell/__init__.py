"""What stands around every screen: sidebar, navigation, keyboard, tour, heads."""
